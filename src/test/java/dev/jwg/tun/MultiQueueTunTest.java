package dev.jwg.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Batch;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A real TUN device with a queue for each of two shards, with segmentation offload and without. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
final class MultiQueueTunTest {
  private static final int FLOWS = 64;

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final EpollLoop control = new EpollLoop("jwg-test-control", fatal::add);
  private final List<EpollLoop> shards =
      List.of(new EpollLoop("jwg-test-0", fatal::add), new EpollLoop("jwg-test-1", fatal::add));
  private final List<LinuxTun> opened = new ArrayList<>();

  /** Queue and flow, which is in the first byte behind the headers, of each packet. */
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  private final boolean offload;
  private NetworkNamespace namespace;

  MultiQueueTunTest(boolean offload) {
    this.offload = offload;
  }

  @BeforeEach
  void makeNamespace() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun: modprobe tun");
    namespace = new NetworkNamespace();
  }

  @AfterEach
  void remove() throws Exception {
    opened.forEach(LinuxTun::close);
    shards.forEach(EpollLoop::close);
    control.close();
    if (namespace != null) {
      namespace.close();
    }
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  private LinuxTun open(int queues) throws Exception {
    LinuxTun tun =
        namespace.run(() -> LinuxTun.open("wg0", 0, offload, queues, count -> shards.subList(0, count), control));
    opened.add(tun);
    return tun;
  }

  /** At 10.7.0.1/24, behind which every host answers UDP with what it is sent, by the queue that it came on. */
  private void startEcho(LinuxTun tun) throws IOException {
    for (int i = 0; i < tun.queues().size(); i++) {
      int number = i;
      Tun.Queue queue = tun.queues().get(number);
      queue.listen(
          packets -> {
            assertTrue(shards.get(number).inLoop());
            for (int slot = 0; slot < packets.count(); slot++) {
              if (isUdp(packets, slot)) {
                turnRound(packets, slot, number);
                queue.write(packets, slot, slot + 1);
              }
            }
          });
    }
    tun.start(new Recorder());
    bringUp(namespace);
  }

  private static void bringUp(NetworkNamespace where) throws IOException {
    where.ip("address add 10.7.0.1/24 dev wg0");
    where.ip("link set wg0 up");
  }

  /** IPv4 with protocol 17: RFC 791 section 3.1. The host also sends IPv6 router solicitations. */
  private static boolean isUdp(Batch packets, int slot) {
    int at = packets.offset(slot);
    return packets.bytes()[at] >> 4 == 4 && packets.bytes()[at + 9] == 17;
  }

  /** Swaps addresses and ports, which changes no checksum. */
  private void turnRound(Batch packets, int slot, int queue) {
    ByteBuffer packet = ByteBuffer.wrap(packets.bytes(), packets.offset(slot), packets.length(slot)).slice();
    seen.add(queue + " " + packet.get(28));
    int source = packet.getInt(12);
    packet.putInt(12, packet.getInt(16)).putInt(16, source);
    short port = packet.getShort(20);
    packet.putShort(20, packet.getShort(22)).putShort(22, port);
  }

  /** Sends and receives back ten datagrams from each of many sockets. */
  private static void exchangeMany(NetworkNamespace from) throws Exception {
    InetAddress behind = InetAddress.getByName("10.7.0.2");
    for (int flow = 0; flow < FLOWS; flow++) {
      try (DatagramSocket socket = from.run(() -> new DatagramSocket())) {
        socket.setSoTimeout(5_000);
        for (int i = 0; i < 10; i++) {
          byte[] text = {(byte) flow, (byte) i};
          socket.send(new DatagramPacket(text, 2, behind, 7));
          DatagramPacket reply = new DatagramPacket(new byte[100], 100);
          socket.receive(reply);
          assertEquals(2, reply.getLength());
          assertEquals(flow, reply.getData()[0]);
          assertEquals(i, reply.getData()[1]);
        }
      }
    }
  }

  @Test
  void eachFlowStaysOnOneQueueAndManyUseBoth() throws Exception {
    LinuxTun tun = open(2);
    assertEquals(2, tun.queues().size());
    startEcho(tun);
    exchangeMany(namespace);
    long onFirst = seen.stream().filter(flow -> flow.startsWith("0 ")).count();
    assertEquals(FLOWS, seen.stream().map(flow -> flow.substring(2)).distinct().count());
    assertEquals(FLOWS, seen.size(), "a flow was seen on both queues: " + seen);
    assertTrue(onFirst > 0 && onFirst < FLOWS, "all flows on one queue: " + seen);
    assertEquals(0, tun.failedReads() + tun.refusedWrites());
  }

  @Test
  void closingRemovesTheInterfaceStartedOrNot() throws Exception {
    open(2).close();
    assertEquals("", namespace.ip("-br link show type tun"));
    LinuxTun started = open(2);
    startEcho(started);
    started.close();
    assertEquals("", namespace.ip("-br link show type tun"));
  }

  @Test
  void deletionIsToldOnce() throws Exception {
    startEcho(open(2));
    awaitEvent("up");
    namespace.ip("link delete wg0");
    awaitEvent("deleted");
    assertNull(events.poll(50, TimeUnit.MILLISECONDS));
  }

  @Test
  void bothQueuesPassPacketsInAnotherNamespace() throws Exception {
    startEcho(open(2));
    awaitEvent("up");
    try (NetworkNamespace other = new NetworkNamespace()) {
      namespace.ip("link set wg0 netns " + other.name());
      awaitEvent("down");
      bringUp(other);
      awaitEvent("up");
      exchangeMany(other);
      assertEquals(FLOWS, seen.size());
      other.ip("link delete wg0");
      awaitEvent("deleted");
    }
  }

  @Test
  void anInterfaceMadeForOneQueueHasOne() throws Exception {
    namespace.ip("tuntap add wg0 mode tun");
    LinuxTun tun = open(2);
    assertEquals(1, tun.queues().size());
    startEcho(tun);
    exchangeMany(namespace);
  }

  @Test
  void anInterfaceMadeForManyQueuesHasAsManyAsAreWanted() throws Exception {
    namespace.ip("tuntap add wg0 mode tun multi_queue");
    LinuxTun both = open(2);
    assertEquals(2, both.queues().size());
    both.close();
    LinuxTun one = open(1);
    assertEquals(1, one.queues().size());
    startEcho(one);
    exchangeMany(namespace);
    one.close();
    assertTrue(namespace.ip("link show wg0").contains("wg0"), "it stays");
  }

  @Test
  void anInterfaceOfAnotherProgramIsNotShared() throws Exception {
    for (int theirs = 1; theirs <= 2; theirs++) {
      LinuxTun other = open(theirs);
      for (int ours = 1; ours <= 2; ours++) {
        int queues = ours;
        SystemCallException taken = assertThrows(SystemCallException.class, () -> open(queues));
        assertEquals("ioctl TUNSETIFF wg0: EBUSY (the name is taken by another program)", taken.getMessage());
      }
      other.close();
    }
  }

  @Test
  void whatIsNotATunDeviceIsRefusedWithAReason() {
    SystemCallException refused =
        assertThrows(
            SystemCallException.class,
            () -> namespace.run(() -> LinuxTun.open("lo", 0, offload, 2, count -> shards, control)));
    assertEquals(
        "ioctl TUNSETIFF lo: EINVAL (an interface of that name exists and is not a TUN device)", refused.getMessage());
  }

  private void awaitEvent(String expected) throws InterruptedException {
    List<String> heard = new ArrayList<>();
    while (!heard.contains(expected)) {
      String event = events.poll(60, TimeUnit.SECONDS);
      assertTrue(event != null, () -> "heard only " + heard + ", not " + expected);
      heard.add(event);
    }
  }

  private final class Recorder implements Tun.LinkListener {
    @Override
    public void onMtu(int mtu) {}

    @Override
    public void onUp() {
      events.add("up");
    }

    @Override
    public void onDown() {
      events.add("down");
    }

    @Override
    public void onName(String name) {}

    @Override
    public void onDeleted() {
      events.add("deleted");
    }
  }
}
