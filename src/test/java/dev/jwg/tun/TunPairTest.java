package dev.jwg.tun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.Allocations;
import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.Refusal;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.udp.LinuxUdp;
import dev.jwg.udp.UdpOffloads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two hosts whose TUN devices hand each other their packets, each with segmentation offload, with TCP's alone as before Linux
 * 6.2, or without: 10.7.0.1 and fd07::1, 10.7.0.2 and fd07::2.
 */
@ParameterizedClass
@CsvSource({
  "TCP_AND_UDP, TCP_AND_UDP", "TCP_AND_UDP, NONE", "NONE, TCP_AND_UDP", "NONE, NONE", "TCP, TCP_AND_UDP", "NONE, TCP"
})
final class TunPairTest {
  private static final int MTU = 1300;
  private static final int BYTES = 8 << 20;

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final EpollLoop shard = new EpollLoop("jwg-test-shard", fatal::add);
  private final EpollLoop control = new EpollLoop("jwg-test-control", fatal::add);
  private final AtomicInteger largestRun = new AtomicInteger();
  private final TunOffload leftOffload;
  private final TunOffload rightOffload;
  private NetworkNamespace left;
  private NetworkNamespace right;
  private LinuxTun atLeft;
  private LinuxTun atRight;
  private volatile boolean isConnected;

  TunPairTest(TunOffload leftOffload, TunOffload rightOffload) {
    this.leftOffload = leftOffload;
    this.rightOffload = rightOffload;
  }

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun: modprobe tun");
    left = new NetworkNamespace();
    right = new NetworkNamespace();
    atLeft = open(left, leftOffload);
    atRight = open(right, rightOffload);
    atLeft.queues().get(0).listen(packets -> handOver(packets, atRight));
    atRight.queues().get(0).listen(packets -> handOver(packets, atLeft));
    atLeft.start(new Ignored());
    atRight.start(new Ignored());
    bringUp(left, "1");
    bringUp(right, "2");
    isConnected = true;
  }

  private LinuxTun open(NetworkNamespace namespace, TunOffload offload) throws Exception {
    Callable<LinuxTun> open =
        () -> LinuxTun.open("wg0", MTU, offload != TunOffload.NONE, 1, queues -> List.of(shard), control);
    return namespace.run(() -> offload == TunOffload.TCP ? Refusal.TUN_USO.during(open) : open.call());
  }

  private static void bringUp(NetworkNamespace namespace, String host) throws IOException {
    namespace.ip("address add 10.7.0." + host + "/24 dev wg0");
    namespace.ip("address add fd07::" + host + "/64 dev wg0 nodad");
    namespace.ip("link set wg0 up");
  }

  private void handOver(Batch packets, LinuxTun to) {
    if (!isConnected) {
      return; // a device that is down takes nothing, and the first to be up says hello
    }
    for (int slot = 0; slot < packets.count(); slot++) {
      assertTrue(packets.length(slot) <= MTU, "each slot is one packet");
    }
    largestRun.accumulateAndGet(packets.count(), Math::max);
    to.queues().get(0).write(packets, 0, packets.count());
  }

  @AfterEach
  void remove() throws Exception {
    atLeft.close();
    atRight.close();
    shard.close();
    control.close();
    left.close();
    right.close();
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  @Test
  void tcpStreamsPassBothWaysOverBothVersionsUnchanged() throws Exception {
    for (String address : new String[] {"10.7.0.2", "fd07::2"}) {
      transfer(address, BYTES);
    }
    assertEquals(0, atLeft.failedReads() + atRight.failedReads());
    assertEquals(0, atLeft.refusedWrites() + atRight.refusedWrites());
    if (leftOffload != TunOffload.NONE) {
      assertTrue(largestRun.get() > 30, "one read brings many: " + largestRun);
    }
    if (leftOffload != TunOffload.NONE && rightOffload != TunOffload.NONE) {
      long writes = receivedBy(right);
      assertTrue(writes < 2L * BYTES / MTU / 2, "one write hands over many: " + writes);
    }
  }

  /** What a host's interface counts as packets: one for each write. */
  private static long receivedBy(NetworkNamespace namespace) throws IOException {
    String shown = namespace.ip("-s -j link show dev wg0");
    Matcher received = Pattern.compile("\"rx\":\\{\"bytes\":\\d+,\"packets\":(\\d+)").matcher(shown);
    assertTrue(received.find(), shown);
    return Long.parseLong(received.group(1));
  }

  /** To the right and back again. */
  private void transfer(String address, int length) throws Exception {
    byte[] sent = new byte[length];
    new Random(length).nextBytes(sent);
    try (ServerSocket server = right.run(() -> listen(address));
        Socket client = left.run(() -> connect(address, server.getLocalPort()));
        Socket accepted = server.accept()) {
      accepted.setSoTimeout(20_000);
      client.setSoTimeout(20_000);
      CompletableFuture<byte[]> echoed = new CompletableFuture<>();
      new Thread(() -> echo(accepted, length)).start();
      new Thread(() -> read(client, length, echoed)).start();
      client.getOutputStream().write(sent);
      assertArrayEquals(sent, echoed.get(60, TimeUnit.SECONDS));
    }
  }

  private static ServerSocket listen(String address) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
    server.setSoTimeout(20_000);
    return server;
  }

  private static Socket connect(String address, int port) throws IOException {
    Socket client = new Socket();
    client.connect(new InetSocketAddress(InetAddress.getByName(address), port), 20_000);
    return client;
  }

  private void echo(Socket socket, int length) {
    try {
      socket.getOutputStream().write(socket.getInputStream().readNBytes(length));
    } catch (IOException e) {
      fatal.add(e);
    }
  }

  private static void read(Socket socket, int length, CompletableFuture<byte[]> result) {
    try {
      result.complete(socket.getInputStream().readNBytes(length));
    } catch (IOException e) {
      result.completeExceptionally(e);
    }
  }

  @Test
  void runsOfDatagramsPassUnchanged() throws Exception {
    LinuxUdp sender = new LinuxUdp(List.of(shard), new UdpOffloads(true, true));
    LinuxUdp receiver = new LinuxUdp(List.of(shard), new UdpOffloads(true, true));
    BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    receiver.sockets().get(0).listen(
        datagrams -> {
          for (int slot = 0; slot < datagrams.count(); slot++) {
            int offset = datagrams.offset(slot);
            arrived.add(Arrays.copyOfRange(datagrams.bytes(), offset, offset + datagrams.length(slot)));
          }
        });
    left.run(() -> sender.bind(0));
    int port = right.run(() -> receiver.bind(0));
    for (String address : new String[] {"10.7.0.2", "fd07::2"}) {
      Batch run = new Batch(100_000, 44);
      Random random = new Random(44);
      for (int i = 0; i < 44; i++) {
        byte[] bytes = new byte[i == 43 ? 7 : 1200];
        random.nextBytes(bytes);
        run.append(bytes, 0, bytes.length);
      }
      Endpoint endpoint = new Endpoint(IpAddress.parse(address), port);
      awaitRoute(sender, endpoint, arrived);
      shard.execute(() -> sender.sockets().get(0).send(run, 0, 44, endpoint));
      for (int slot = 0; slot < 44; slot++) {
        byte[] datagram = arrived.poll(60, TimeUnit.SECONDS);
        assertNotNull(datagram, "nothing arrived");
        int offset = run.offset(slot);
        assertArrayEquals(Arrays.copyOfRange(run.bytes(), offset, offset + run.length(slot)), datagram);
      }
    }
    sender.close();
    receiver.close();
  }

  /** An interface that has just been set up is not yet one that the kernel sends by. */
  private static void awaitRoute(LinuxUdp sender, Endpoint endpoint, BlockingQueue<byte[]> arrived) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    do {
      assertTrue(System.nanoTime() - deadline < 0, () -> "no way to " + endpoint);
      sender.sendMessage(new byte[0], 0, endpoint);
    } while (arrived.poll(50, TimeUnit.MILLISECONDS) == null);
    byte[] late;
    do {
      late = arrived.poll(50, TimeUnit.MILLISECONDS);
    } while (late != null);
  }

  @Test
  void steadyStreamAllocatesNothing() throws Exception {
    transfer("10.7.0.2", BYTES);
    transfer("10.7.0.2", BYTES);
    long before = Allocations.of(shard);
    transfer("10.7.0.2", BYTES);
    long packets = 2 * BYTES / MTU;
    assertEquals(0, (Allocations.of(shard) - before) / packets, "bytes allocated for each packet");
  }

  private static final class Ignored implements Tun.LinkListener {
    @Override
    public void onMtu(int mtu) {}

    @Override
    public void onUp() {}

    @Override
    public void onDown() {}

    @Override
    public void onName(String name) {}

    @Override
    public void onDeleted() {}
  }
}
