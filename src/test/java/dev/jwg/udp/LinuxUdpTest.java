package dev.jwg.udp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.linux.Allocations;
import dev.jwg.linux.Capabilities;
import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real sockets on the loopback interface of a namespace of their own: 10.9.0.1, 10.9.0.2, fd09::1 and fd09::2. Alice sends
 * with segmentation offload or without, Bob receives with receive offload or without.
 */
@ParameterizedClass
@CsvSource({"true, true", "true, false", "false, true", "false, false"})
final class LinuxUdpTest {
  private static final int LOOPBACK = 1;

  private record Received(String text, int tos, Endpoint remote) {
    static Received of(Batch batch, int slot) {
      String text = new String(batch.bytes(), batch.offset(slot), batch.length(slot), ISO_8859_1);
      return new Received(text, batch.tos(slot), batch.remote(slot));
    }
  }

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final EpollLoop shard = new EpollLoop("jwg-test", fatal::add);
  private final LinuxUdp alice;
  private final LinuxUdp bob;
  private final BlockingQueue<Received> atAlice = new LinkedBlockingQueue<>();
  private final BlockingQueue<Received> atBob = new LinkedBlockingQueue<>();
  private NetworkNamespace namespace;

  LinuxUdpTest(boolean gso, boolean gro) {
    alice = new LinuxUdp(List.of(shard), new UdpOffloads(gso, gro));
    bob = new LinuxUdp(List.of(shard), new UdpOffloads(gso, gro));
  }

  @BeforeEach
  void makeNamespace() throws Exception {
    namespace = new NetworkNamespace();
    namespace.ip("address add 10.9.0.1/32 dev lo");
    namespace.ip("address add 10.9.0.2/32 dev lo");
    addV6("fd09::1/128", "lo");
    addV6("fd09::2/128", "lo");
    alice.sockets().get(0).listen(batch -> collect(batch, atAlice));
    bob.sockets().get(0).listen(batch -> collect(batch, atBob));
  }

  /** The kernel makes the address usable in its own time, even without duplicate address detection. */
  private void addV6(String prefix, String device) throws IOException {
    namespace.ip("address add " + prefix + " dev " + device + " nodad");
    String address = prefix.substring(0, prefix.indexOf('/'));
    long deadlineNs = System.nanoTime() + 60_000_000_000L;
    while (!namespace.ip("-6 route show table local dev " + device).contains("local " + address + " ")) {
      assertTrue(deadlineNs - System.nanoTime() > 0, address + " did not become usable");
    }
  }

  private static void collect(Batch batch, BlockingQueue<Received> received) {
    assertTrue(batch.count() <= 128, "the work of one wake-up is bounded");
    for (int slot = 0; slot < batch.count(); slot++) {
      received.add(Received.of(batch, slot));
    }
  }

  @AfterEach
  void remove() throws Exception {
    alice.close();
    bob.close();
    shard.close();
    if (namespace != null) {
      namespace.close();
    }
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  @Test
  void v4DatagramTellsRemoteSourceAndTos() throws Exception {
    int alicePort = bind(alice, 0);
    int bobPort = bind(bob, 0);

    assertTrue(send(alice, 0xb9, "hello", leaving("10.9.0.1", 0, "10.9.0.2", bobPort)));
    Received received = take(atBob);
    assertEquals("hello", received.text);
    assertEquals(0xb9, received.tos);
    assertEquals(leaving("10.9.0.2", 0, "10.9.0.1", alicePort), received.remote);
  }

  @Test
  void v6DatagramTellsRemoteSourceAndTos() throws Exception {
    int alicePort = bind(alice, 0);
    int bobPort = bind(bob, 0);

    assertTrue(send(alice, 0xb9, "hello", leaving("fd09::1", 0, "fd09::2", bobPort)));
    Received received = take(atBob);
    assertEquals("hello", received.text);
    assertEquals(0xb9, received.tos);
    assertEquals(leaving("fd09::2", 0, "fd09::1", alicePort), received.remote);
  }

  @Test
  void replyLeavesFromTheAddressThatWasContactedAndEveryDatagramHasItsOwnTos() throws Exception {
    bind(alice, 0);
    int bobPort = bind(bob, 0);
    for (String[] pair : new String[][] {{"10.9.0.1", "10.9.0.2"}, {"fd09::1", "fd09::2"}}) {
      send(alice, 0, "to bob", leaving(pair[0], 0, pair[1], bobPort));
      Endpoint sticky = take(atBob).remote;

      Batch replies = new Batch(1000, 2);
      append(replies, "one", 1);
      append(replies, "two", 2);
      assertTrue(onShard(() -> bob.sockets().get(0).send(replies, 0, 2, sticky)));
      for (int expected = 1; expected <= 2; expected++) {
        Received reply = take(atAlice);
        assertEquals(expected, reply.tos);
        assertEquals(leaving(pair[0], 0, pair[1], bobPort), reply.remote);
      }
    }
  }

  @Test
  void linkLocalAddressesWorkWithTheirScope() throws Exception {
    namespace.ip("link add left type veth peer name right");
    namespace.ip("link set left addrgenmode none up");
    namespace.ip("link set right addrgenmode none up");
    addV6("fe80::a/64", "left");
    addV6("fe80::b/64", "right");
    int left = namespace.indexOf("left");
    int right = namespace.indexOf("right");
    bind(alice, 0);
    int bobPort = bind(bob, 0);

    Endpoint.Source fromLeft = new Endpoint.Source(address("fe80::a"), left);
    assertTrue(send(alice, 0, "hello", new Endpoint(address("fe80::b"), bobPort, left, fromLeft)));
    Endpoint sticky = take(atBob).remote;
    assertEquals(right, sticky.scopeId());
    assertEquals(new Endpoint.Source(address("fe80::b"), right), sticky.source());
    assertTrue(send(bob, 0, "reply", sticky));
    assertEquals(left, take(atAlice).remote.scopeId());
  }

  @Test
  void sourceThatWentAwayIsGivenUpAndTheDatagramStillArrives() throws Exception {
    bind(alice, 0);
    int bobPort = bind(bob, 0);
    for (String[] pair : new String[][] {{"10.9.0.1", "10.9.0.2/32"}, {"fd09::1", "fd09::2/128"}}) {
      Endpoint.Source gone = source(pair[1].substring(0, pair[1].indexOf('/')), LOOPBACK);
      Endpoint sticky = new Endpoint(address(pair[0]), bobPort, 0, gone);
      assertTrue(send(alice, 0, "with", sticky));
      assertEquals(gone.address(), take(atBob).remote.address());

      namespace.ip("address delete " + pair[1] + " dev lo");
      Batch two = new Batch(1000, 2);
      append(two, "without", 7);
      append(two, "without too", 7);
      assertFalse(onShard(() -> alice.sockets().get(0).send(two, 0, 2, sticky)));
      assertEquals(7, take(atBob).tos);
      assertNotEquals(gone.address(), take(atBob).remote.address());
      assertFalse(sendMessage(alice, 0, "a message", sticky));
      assertEquals("a message", take(atBob).text);
    }
    assertEquals(0, alice.refusedSends());
  }

  @Test
  void runThatLosesItsSourceArrivesWhole() throws Exception {
    bind(alice, 0);
    int bobPort = bind(bob, 0);
    Batch runs = new Batch(20_000, 100);
    for (int i = 0; i < 100; i++) {
      append(runs, "number " + (100 + i), 7);
    }
    for (String[] pair : new String[][] {{"10.9.0.1", "10.9.0.3"}, {"fd09::1", "fd09::3"}}) {
      assertFalse(onShard(() -> alice.sockets().get(0).send(runs, 0, 100, leaving(pair[1], LOOPBACK, pair[0], bobPort))));
      for (int i = 0; i < 100; i++) {
        Received received = take(atBob);
        assertEquals("number " + (100 + i), received.text);
        assertEquals(7, received.tos);
      }
    }
    assertEquals(0, alice.refusedSends());
  }

  @Test
  void runWithoutAWayIsCountedAndItsSourceKept() throws Exception {
    bind(alice, 0);
    Batch run = new Batch(1000, 3);
    append(run, "lost", 0);
    append(run, "lost", 0);
    append(run, "lost", 0);
    assertTrue(onShard(() -> alice.sockets().get(0).send(run, 0, 3, leaving("10.9.0.1", 0, "192.0.2.1", 9))));
    assertTrue(onShard(() -> alice.sockets().get(0).send(run, 0, 3, new Endpoint(address("192.0.2.1"), 9))));
    assertEquals(6, alice.refusedSends());
  }

  @Test
  void sourceOfAnInterfaceThatIsDownServesWhereverTheRouteLeads() throws Exception {
    namespace.ip("link add left type veth peer name right");
    namespace.ip("address add 10.8.0.1/24 dev left");
    bind(alice, 0);
    int bobPort = bind(bob, 0);
    assertTrue(send(alice, 0, "hello", leaving("10.8.0.1", 0, "10.9.0.2", bobPort)));
    Received received = take(atBob);
    assertEquals("hello", received.text);
    assertEquals(address("10.8.0.1"), received.remote.address());
  }

  /** An interface is named to keep datagrams out of another: then none at all is better than the other. */
  @Test
  void interfaceThatWentAwayIsNotReplacedByAnother() throws Exception {
    bind(alice, 0);
    int bobPort = bind(bob, 0);
    assertTrue(send(alice, 0, "lost", leaving("10.9.0.1", 4711, "10.9.0.2", bobPort)));
    assertTrue(send(alice, 0, "lost", leaving("0.0.0.0", 4711, "10.9.0.2", bobPort)));
    assertTrue(send(alice, 0, "lost", leaving("fd09::1", 4711, "fd09::2", bobPort)));
    assertTrue(send(alice, 0, "lost", leaving("::", 4711, "fd09::2", bobPort)));
    assertEquals(4, alice.refusedSends());
    assertTrue(send(alice, 0, "hello", leaving("10.9.0.1", 0, "10.9.0.2", bobPort)));
    assertEquals("hello", take(atBob).text);
  }

  @Test
  void datagramsFollowTheRoutingTableAtOnceFromTheSameSource() throws Exception {
    for (String name : List.of("left", "right")) {
      namespace.ip("link add " + name + " type veth peer name end-" + name);
      namespace.exec("sysctl -q -w net.ipv6.conf." + name + ".disable_ipv6=1"); // it would send by itself
      namespace.ip("link set " + name + " arp off up");
      namespace.ip("link set end-" + name + " up");
    }
    namespace.ip("address add 10.8.0.1/24 dev left");
    namespace.ip("route add 192.0.2.0/24 dev left");
    bind(alice, 0);
    Endpoint remote = leaving("10.8.0.1", 0, "192.0.2.1", 9);
    assertTrue(send(alice, 0, "by the left", remote));
    long left = sentBy("left");
    namespace.ip("route replace 192.0.2.0/24 dev right");
    long right = sentBy("right");
    assertTrue(send(alice, 0, "by the right", remote));
    assertEquals(right + 1, sentBy("right"));
    assertEquals(left, sentBy("left"));
  }

  private long sentBy(String device) throws Exception {
    return Long.parseLong(namespace.exec("cat /sys/class/net/" + device + "/statistics/tx_packets").strip());
  }

  @Test
  void sourceIsKeptWhenThereIsNoWayWithoutItEither() throws Exception {
    bind(alice, 0);
    assertTrue(send(alice, 0, "lost", leaving("10.9.0.1", 0, "192.0.2.1", 9)));
    assertTrue(send(alice, 0, "lost", leaving("fd09::1", 0, "2001:db8::1", 9)));
    assertEquals(2, alice.refusedSends());
  }

  @Test
  void randomPortIsTheSameInBothFamilies() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    assertTrue(port > 0);
    send(alice, 0, "4", new Endpoint(address("10.9.0.1"), port));
    assertFalse(take(atBob).remote.address().isV6());
    send(alice, 0, "6", new Endpoint(address("fd09::1"), port));
    assertTrue(take(atBob).remote.address().isV6());
  }

  @Test
  void randomPortIsFoundWhereFewAreFreeInBothFamilies() throws Exception {
    namespace.exec("sysctl -qw net.ipv4.ip_local_port_range=40000\t40003");
    for (int port = 40000; port < 40003; port++) {
      occupy(Family.V6, port);
    }
    assertEquals(40003, bind(alice, 0));
    SystemCallException noneLeft = assertThrows(SystemCallException.class, () -> bind(bob, 0));
    assertTrue(noneLeft.is(Errno.EADDRINUSE), noneLeft.getMessage());
  }

  @Test
  void portTakenInOneFamilyIsRefusedWithAReasonAndTheOldBindingStays() throws Exception {
    int old = bind(alice, 0);
    bind(bob, 0);
    occupy(Family.V6, 51820);

    SystemCallException taken = assertThrows(SystemCallException.class, () -> bind(alice, 51820));
    assertEquals("bind UDP port 51820: EADDRINUSE (another program uses the port)", taken.getMessage());
    send(bob, 0, "still there", new Endpoint(address("10.9.0.1"), old));
    assertNotNull(take(atAlice));
    occupy(Family.V4, 51820); // the failed attempt holds nothing back
  }

  private void occupy(Family family, int port) throws Exception {
    int fd = namespace.run(() -> UdpSocket.open(family, port, /* shared= */ false, 0));
    shard.register(fd, () -> {}); // closed with the loop
  }

  @Test
  void rebindMovesToTheNewPortAndFreesTheOld() throws Exception {
    int first = bind(alice, 0);
    int second = bind(alice, 0);
    assertNotEquals(first, second);
    assertEquals(second, bind(alice, second), "binding the present port again is no error");
    assertEquals(first, bind(bob, first), "the old port is free on return");

    send(bob, 0, "hello", new Endpoint(address("10.9.0.1"), second));
    assertEquals(first, take(atAlice).remote.port());
  }

  @Test
  void unboundPortSendsNothingUntilItIsBoundAgain() throws Exception {
    int port = bind(alice, 0);
    int bobPort = bind(bob, 0);
    alice.unbind();
    Endpoint toBob = new Endpoint(address("10.9.0.1"), bobPort);
    assertTrue(send(alice, 0, "dropped", toBob));
    assertTrue(sendMessage(alice, 0, "dropped", toBob));
    assertEquals(2, alice.refusedSends());

    assertEquals(port, bind(alice, port));
    assertTrue(send(alice, 0, "sent", toBob));
    assertEquals("sent", take(atBob).text);
  }

  @Test
  void largestDatagramsAreReceivedWhole() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    long seed = System.nanoTime();
    assertWhole(seed, 65_507, new Endpoint(address("10.9.0.1"), port));
    assertWhole(seed, 65_527, new Endpoint(address("fd09::1"), port));
    assertWhole(seed, 0, new Endpoint(address("10.9.0.1"), port));
  }

  private void assertWhole(long seed, int length, Endpoint endpoint) throws Exception {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    assertTrue(alice.sendMessage(bytes, 0, endpoint));
    assertEquals(new String(bytes, ISO_8859_1), take(atBob).text, "seed " + seed);
  }

  @Test
  void datagramLargerThanThePathIsFragmented() throws Exception {
    namespace.ip("link set lo mtu 1280");
    bind(alice, 0);
    int port = bind(bob, 0);
    assertWhole(1, 5_000, new Endpoint(address("10.9.0.1"), port));
    assertWhole(1, 5_000, new Endpoint(address("fd09::1"), port));
  }

  @Test
  void burstLargerThanABatchArrivesWhole() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    Batch burst = new Batch(200 * 1600, 200);
    for (int i = 0; i < 200; i++) {
      append(burst, "number " + i, 0);
    }
    assertTrue(onShard(() -> alice.sockets().get(0).send(burst, 0, 200, new Endpoint(address("10.9.0.1"), port))));
    for (int i = 0; i < 200; i++) {
      assertEquals("number " + i, take(atBob).text);
    }
  }

  @Test
  void runsOfAllSizesAndTosBytesArriveAsTheyWereSent() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    for (long seed = 1; seed <= 40; seed++) {
      Random random = new Random(seed);
      Batch runs = runs(random);
      for (String address : new String[] {"10.9.0.1", "fd09::1"}) {
        int from = random.nextInt(3);
        assertTrue(onShard(() -> alice.sockets().get(0).send(runs, from, runs.count(), new Endpoint(address(address), port))));
        for (int slot = from; slot < runs.count(); slot++) {
          Received received = take(atBob);
          assertEquals(Received.of(runs, slot).text, received.text, "seed " + seed + ", slot " + slot);
          assertEquals(runs.tos(slot), received.tos, "seed " + seed + ", slot " + slot);
        }
      }
      assertEquals(0, alice.refusedSends(), "seed " + seed);
    }
  }

  /** Runs that end by a shorter, a longer or an empty datagram, by another TOS byte, or because they are too long. */
  private static Batch runs(Random random) {
    int most = random.nextInt(10) == 0 ? 40_000 : 1500;
    Batch runs = new Batch(2_000_000, 200);
    while (runs.count() < 150) {
      int length = random.nextInt(most);
      int tos = 4 * random.nextInt(64); // bits of ECN might be changed on the way
      int count = 1 + random.nextInt(random.nextBoolean() ? 3 : 100);
      for (int i = 0; i < count && runs.hasRoom(length); i++) {
        random(random, length, tos, runs);
      }
      if (random.nextBoolean() && runs.hasRoom(length)) {
        random(random, random.nextInt(length + 1), tos, runs);
      }
      if (!runs.hasRoom(length)) {
        break;
      }
    }
    return runs;
  }

  private static void random(Random random, int length, int tos, Batch to) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    to.append(bytes, 0, length);
    to.tos(to.count() - 1, tos);
  }

  @Test
  void runOfDatagramsLargerThanThePathIsFragmented() throws Exception {
    namespace.ip("link set lo mtu 1280");
    bind(alice, 0);
    int port = bind(bob, 0);
    Batch run = new Batch(100_000, 20);
    for (int i = 0; i < 20; i++) {
      random(new Random(i), 3_000, 8, run);
    }
    for (String address : new String[] {"10.9.0.1", "fd09::1"}) {
      assertTrue(onShard(() -> alice.sockets().get(0).send(run, 0, 20, new Endpoint(address(address), port))));
      for (int slot = 0; slot < 20; slot++) {
        assertEquals(Received.of(run, slot).text, take(atBob).text);
      }
    }
    assertEquals(0, alice.refusedSends());
  }

  @Test
  void messageOfMoreDatagramsThanABatchHoldsIsDeliveredInParts() throws Exception {
    int fd = descriptorOf(bind(alice, 0));
    Endpoint toBob = new Endpoint(address("10.9.0.1"), bind(bob, 0));
    DatagramWriter writer = new DatagramWriter();
    writer.aim(toBob);
    writer.put("number 100".getBytes(ISO_8859_1), 0, 10);
    for (int i = 101; i < 228; i++) {
      writer.append(("number " + i).getBytes(ISO_8859_1), 0, 10);
    }
    assertTrue(
        onShard(
            () -> {
              alice.sendMessage("first".getBytes(ISO_8859_1), 0, toBob);
              return writer.sendSegments(fd, 0, 10) == 0;
            }),
        "Linux 6 takes 128 segments");
    assertEquals("first", take(atBob).text);
    for (int i = 100; i < 228; i++) {
      assertEquals("number " + i, take(atBob).text);
    }
  }

  @Test
  void whatTheKernelRefusesIsCountedAndTheNextDatagramLeaves() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    Endpoint toBob = new Endpoint(address("10.9.0.1"), port);
    assertTrue(alice.sendMessage(new byte[65_508], 0, toBob)); // EMSGSIZE
    assertTrue(send(alice, 0, "no route", new Endpoint(address("192.0.2.1"), port))); // ENETUNREACH
    assertTrue(send(alice, 0, "no broadcast", new Endpoint(address("255.255.255.255"), port)));
    assertEquals(3, alice.refusedSends());

    assertTrue(send(alice, 0, "sent", toBob));
    assertEquals("sent", take(atBob).text);
  }

  @Test
  void connectionRefusedDoesNotEndReceiving() throws Exception {
    int alicePort = bind(alice, 0);
    bind(bob, 0);
    int fd = descriptorOf(alicePort);
    set(fd, 1); // without IP_RECVERR the kernel keeps ICMP errors of unconnected sockets to itself
    send(alice, 0, "nobody there", new Endpoint(address("10.9.0.1"), 9));
    awaitFailedReceive();
    set(fd, 0);

    send(bob, 0, "hello", new Endpoint(address("10.9.0.1"), alicePort));
    assertEquals("hello", take(atAlice).text);
  }

  private void awaitFailedReceive() {
    long deadlineNs = System.nanoTime() + 60_000_000_000L;
    while (alice.failedReceives() == 0) {
      assertTrue(deadlineNs - System.nanoTime() > 0, "no error came back");
      Thread.onSpinWait();
    }
  }

  private static int descriptorOf(int port) {
    for (int fd = 0; fd < 1024; fd++) {
      try {
        if (UdpSocket.port(fd) == port) {
          return fd;
        }
      } catch (SystemCallException notASocket) {
        // the next one
      }
    }
    throw new AssertionError("no socket on port " + port);
  }

  private static void set(int fd, int value) {
    NativeMemory memory = new NativeMemory(4);
    memory.putInt(0, value);
    int ipRecvErr = 11; // linux/in.h
    assertEquals(0, Libc.setsockopt(fd, Family.V4.level, ipRecvErr, memory.address(0), 4));
  }

  @Test
  void worksOverV4WhereV6IsSwitchedOff() throws Exception {
    namespace.exec("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
    bind(alice, 0);
    int port = bind(bob, 0);
    assertTrue(send(alice, 0, "6", new Endpoint(address("fd09::1"), port)));
    assertEquals(1, alice.refusedSends());
    assertTrue(send(alice, 0, "4", new Endpoint(address("10.9.0.1"), port)));
    assertEquals("4", take(atBob).text);
  }

  @Test
  void worksOverV6WhereThereIsNoV4Address() throws Exception {
    for (String address : new String[] {"10.9.0.1/32", "10.9.0.2/32", "127.0.0.1/8"}) {
      namespace.ip("address delete " + address + " dev lo");
    }
    bind(alice, 0);
    int port = bind(bob, 0);
    assertTrue(send(alice, 0, "4", new Endpoint(address("10.9.0.1"), port)));
    assertEquals(1, alice.refusedSends());
    assertTrue(send(alice, 0, "6", new Endpoint(address("fd09::1"), port)));
    assertEquals("6", take(atBob).text);
  }

  @Test
  void markSteersPresentAndFutureSockets() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    namespace.ip("rule add fwmark 0x1234 to 10.9.0.1 priority 0 prohibit");
    namespace.ip("rule add lookup local priority 1");
    namespace.ip("rule delete priority 0 lookup local");
    Endpoint toBob = new Endpoint(address("10.9.0.1"), port);

    assertEquals(0, refusedBySending(toBob), "no mark");
    namespace.run(() -> mark(0x1234));
    assertEquals(1, refusedBySending(toBob), "a mark set while bound");
    bind(alice, 0);
    assertEquals(1, refusedBySending(toBob), "a mark set before");
    namespace.run(() -> mark(0));
    assertEquals(0, refusedBySending(toBob), "no mark again");
  }

  private @Nullable Void mark(int fwmark) throws SystemCallException {
    alice.mark(fwmark);
    return null;
  }

  private long refusedBySending(Endpoint endpoint) throws Exception {
    long before = alice.refusedSends();
    send(alice, 0, "marked", endpoint);
    return alice.refusedSends() - before;
  }

  @Test
  void markWithoutCapabilitySaysWhatItNeeds() throws Exception {
    bind(alice, 0);
    SystemCallException refused =
        assertThrows(SystemCallException.class, () -> Capabilities.without(() -> mark(1)));
    assertEquals("setsockopt SO_MARK: EPERM (need CAP_NET_ADMIN)", refused.getMessage());
  }

  @Test
  void steadyExchangeAllocatesNothing() throws Exception {
    bind(alice, 0);
    int port = bind(bob, 0);
    Endpoint toBob = leaving("10.9.0.1", LOOPBACK, "10.9.0.2", port);
    Batch batch = new Batch(32 * 1600, 32);
    for (int i = 0; i < 32; i++) {
      append(batch, "a datagram", 1);
    }
    PingPong exchange = new PingPong(batch, toBob);
    bob.sockets().get(0).listen(exchange::onDatagrams);
    exchange.run(5_000);

    long before = Allocations.of(shard);
    exchange.run(5_000);
    long perDatagram = (Allocations.of(shard) - before) / (5_000 * 32L);
    assertEquals(0, perDatagram, "bytes allocated for each datagram");
  }

  /** Sends a batch each time the one before has arrived. */
  private final class PingPong {
    private final Batch batch;
    private final Endpoint endpoint;
    private int awaited;
    private int rounds;
    private CountDownLatch done = new CountDownLatch(0);

    PingPong(Batch batch, Endpoint endpoint) {
      this.batch = batch;
      this.endpoint = endpoint;
    }

    void run(int count) throws Exception {
      done = new CountDownLatch(1);
      rounds = count;
      shard.execute(this::send);
      assertTrue(done.await(60, TimeUnit.SECONDS));
    }

    private void send() {
      awaited = batch.count();
      alice.sockets().get(0).send(batch, 0, batch.count(), endpoint);
    }

    void onDatagrams(Batch received) {
      awaited -= received.count();
      if (awaited == 0 && --rounds > 0) {
        send();
      } else if (rounds == 0) {
        done.countDown();
      }
    }
  }

  private int bind(LinuxUdp udp, int port) throws Exception {
    return namespace.run(() -> udp.bind(port));
  }

  private boolean send(LinuxUdp udp, int tos, String text, Endpoint endpoint) throws Exception {
    Batch batch = new Batch(1000, 1);
    append(batch, text, tos);
    return onShard(() -> udp.sockets().get(0).send(batch, 0, 1, endpoint));
  }

  private static boolean sendMessage(LinuxUdp udp, int tos, String text, Endpoint endpoint) {
    return udp.sendMessage(text.getBytes(ISO_8859_1), tos, endpoint);
  }

  private static void append(Batch batch, String text, int tos) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    batch.append(bytes, 0, bytes.length);
    batch.tos(batch.count() - 1, tos);
  }

  private boolean onShard(BooleanSupplier action) throws Exception {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    shard.execute(() -> result.complete(action.getAsBoolean()));
    return result.get(60, TimeUnit.SECONDS);
  }

  private static Received take(BlockingQueue<Received> from) throws InterruptedException {
    Received received = from.poll(60, TimeUnit.SECONDS);
    assertNotNull(received, "nothing arrived");
    return received;
  }

  private static Endpoint leaving(String local, int index, String remote, int port) {
    return new Endpoint(address(remote), port, 0, source(local, index));
  }

  private static Endpoint.Source source(String local, int index) {
    return new Endpoint.Source(address(local), index);
  }

  private static IpAddress address(String text) {
    try {
      return IpAddress.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      throw new AssertionError(text, e);
    }
  }
}
