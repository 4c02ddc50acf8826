package dev.jwg.udp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real port that three shards share, on the loopback interface of a namespace of its own. */
final class SharedPortTest {
  private static final int SHARDS = 3;
  private static final int REMOTES = 48;
  private static final UdpOffloads ALL = new UdpOffloads(true, true);

  private record Received(int shard, Endpoint remote, String text) {}

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final List<EpollLoop> loops = new ArrayList<>();
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private LinuxUdp shared;
  private LinuxUdp another;
  private NetworkNamespace namespace;

  @BeforeEach
  void makeNamespace() throws Exception {
    namespace = new NetworkNamespace();
    for (int shard = 0; shard < SHARDS; shard++) {
      loops.add(new EpollLoop("jwg-test-" + shard, fatal::add));
    }
    shared = new LinuxUdp(loops, ALL);
    another = new LinuxUdp(loops, ALL);
    for (int i = 0; i < SHARDS; i++) {
      int shard = i;
      shared.sockets().get(shard).listen(batch -> collect(shard, batch));
    }
  }

  private void collect(int shard, Batch batch) {
    assertTrue(loops.get(shard).inLoop());
    for (int slot = 0; slot < batch.count(); slot++) {
      String text = new String(batch.bytes(), batch.offset(slot), batch.length(slot), ISO_8859_1);
      received.add(new Received(shard, batch.remote(slot), text));
    }
  }

  @AfterEach
  void remove() throws Exception {
    shared.close();
    another.close();
    loops.forEach(EpollLoop::close);
    namespace.close();
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  private int bind(LinuxUdp udp, int port) throws Exception {
    return namespace.run(() -> udp.bind(port));
  }

  private Received take() throws InterruptedException {
    Received next = received.poll(60, TimeUnit.SECONDS);
    assertNotNull(next, "nothing arrived");
    return next;
  }

  /** What arrives where, and that every shard answers from the port. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void eachRemoteStaysOnOneShardAndManyUseAll(String address) throws Exception {
    int port = bind(shared, 0);
    Set<Integer> used = new TreeSet<>();
    for (int remote = 0; remote < REMOTES; remote++) {
      try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
        socket.setSoTimeout(5_000);
        Set<Integer> shardsOfRemote = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
          send(socket, remote + " " + i, address, port);
          Received arrived = take();
          assertEquals(remote + " " + i, arrived.text);
          shardsOfRemote.add(arrived.shard);
          answer(arrived);
          DatagramPacket reply = new DatagramPacket(new byte[100], 100);
          socket.receive(reply);
          assertEquals(port, reply.getPort());
        }
        assertEquals(1, shardsOfRemote.size(), "shards of one remote: " + shardsOfRemote);
        used.addAll(shardsOfRemote);
      }
    }
    assertEquals(SHARDS, used.size(), "shards used: " + used);
  }

  private static void send(DatagramSocket socket, String text, String address, int port) throws Exception {
    byte[] bytes = text.getBytes(ISO_8859_1);
    socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(address), port));
  }

  private void answer(Received to) throws Exception {
    Batch batch = new Batch(1000, 1);
    batch.append(8);
    CompletableFuture<Boolean> sent =
        CompletableFuture.supplyAsync(
            () -> shared.sockets().get(to.shard).send(batch, 0, 1, to.remote), loops.get(to.shard));
    assertTrue(sent.get(60, TimeUnit.SECONDS));
  }

  @Test
  void handshakeMessagesLeaveFromThePort() throws Exception {
    int port = bind(shared, 0);
    try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
      socket.setSoTimeout(5_000);
      Endpoint endpoint = new Endpoint(IpAddress.parse("127.0.0.1"), socket.getLocalPort());
      assertTrue(shared.sendMessage(new byte[] {1, 2, 3}, 0, endpoint));
      DatagramPacket message = new DatagramPacket(new byte[100], 100);
      socket.receive(message);
      assertEquals(port, message.getPort());
      assertEquals(3, message.getLength());
    }
  }

  /** By another jwg, and by one of one shard. */
  @Test
  void aPortThatIsSharedAmongShardsIsTakenForOthers() throws Exception {
    int port = bind(shared, 0);
    assertTaken(another, port);
    assertTaken(new LinuxUdp(List.of(loops.get(0)), ALL), port);
  }

  @Test
  void aPortThatAnotherProgramWouldShareIsTaken() throws Exception {
    try (DatagramSocket other = namespace.run(() -> new DatagramSocket((InetSocketAddress) null))) {
      other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      namespace.run(
          () -> {
            other.bind(new InetSocketAddress(51820));
            return true;
          });
      assertTaken(shared, 51820);
    }
    assertEquals(51820, bind(shared, 51820));
  }

  private void assertTaken(LinuxUdp udp, int port) {
    SystemCallException taken = assertThrows(SystemCallException.class, () -> bind(udp, port));
    assertTrue(taken.is(Errno.EADDRINUSE), taken.getMessage());
  }

  @Test
  void aRefusedBindLeavesTheOldPortToAllShards() throws Exception {
    int old = bind(shared, 0);
    int taken = bind(another, 0);
    assertTaken(shared, taken);
    assertAllShardsHear(old);
  }

  @Test
  void rebindingMovesAllShardsAndFreesTheOldPort() throws Exception {
    int old = bind(shared, 0);
    int fresh = bind(shared, 0);
    assertAllShardsHear(fresh);
    assertEquals(old, bind(another, old), "the old port is free on return");
  }

  private void assertAllShardsHear(int port) throws Exception {
    Set<Integer> used = new TreeSet<>();
    for (int remote = 0; remote < REMOTES; remote++) {
      try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
        send(socket, "hello", "127.0.0.1", port);
        used.add(take().shard);
      }
    }
    assertEquals(SHARDS, used.size(), "shards used: " + used);
  }

  @Test
  void unboundShardsSendNothing() throws Exception {
    int port = bind(shared, 0);
    shared.unbind();
    assertEquals(port, bind(another, port));
    for (int shard = 0; shard < SHARDS; shard++) {
      answer(new Received(shard, new Endpoint(IpAddress.parse("127.0.0.1"), port), ""));
    }
    assertEquals(SHARDS, shared.refusedSends());
  }

  @Test
  void theMarkIsSetOnAllShards() throws Exception {
    int port = bind(shared, 0);
    namespace.ip("rule add fwmark 0x1234 to 127.0.0.1 priority 0 prohibit");
    namespace.ip("rule add lookup local priority 1");
    namespace.ip("rule delete priority 0 lookup local");
    namespace.run(
        () -> {
          shared.mark(0x1234);
          return true;
        });
    for (int again = 0; again < 2; again++) {
      long before = shared.refusedSends();
      for (int shard = 0; shard < SHARDS; shard++) {
        answer(new Received(shard, new Endpoint(IpAddress.parse("127.0.0.1"), port), ""));
      }
      assertEquals(SHARDS, shared.refusedSends() - before);
      port = bind(shared, 0);
    }
  }
}
