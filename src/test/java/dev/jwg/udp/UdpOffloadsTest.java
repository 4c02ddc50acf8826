package dev.jwg.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.Refusal;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What crosses the kernel in one system call and what does not, seen by a socket with receive offload on loopback. */
final class UdpOffloadsTest {
  private static final UdpOffloads ALL = new UdpOffloads(true, true);

  private final DatagramSender sender = new DatagramSender();
  private final DatagramReader reader = new DatagramReader(Batch.MAX_LENGTH);
  private final Batch received = new Batch(200_000, 200);
  private NetworkNamespace namespace;
  private SocketPair from;
  private SocketPair to;
  private Endpoint endpoint;

  @BeforeEach
  void open() throws Exception {
    namespace = new NetworkNamespace();
    from = open(ALL);
    to = open(ALL);
    endpoint = new Endpoint(IpAddress.parse("127.0.0.1"), to.port());
    assumeTrue(from.offloads().equals(ALL), "needs Linux 5.0");
  }

  private SocketPair open(UdpOffloads wanted) throws Exception {
    return namespace.run(() -> SocketPair.open(1, 0, 0, wanted).get(0));
  }

  @AfterEach
  void close() throws Exception {
    for (SocketPair pair : new SocketPair[] {from, to}) {
      Libc.close(pair.v4());
      Libc.close(pair.v6());
    }
    namespace.close();
  }

  @Test
  void runIsOneMessage() throws Exception {
    assertTrue(send(from, run(10, 100, 0)));
    assertEquals(10, receive());
    assertNothingMore();
    assertEquals(0, sender.refused());
  }

  @Test
  void runOverV6IsOneMessage() {
    assertTrue(sender.send(from, run(44, 1456, 0), 0, 44, new Endpoint(IpAddress.parse("::1"), to.port())));
    assertEquals(0, reader.receive(to.v6(), Family.V6));
    assertTrue(reader.moveTo(received));
    assertEquals(44, received.count());
  }

  @Test
  void withoutSegmentationEachDatagramIsAMessage() throws Exception {
    SocketPair without = open(new UdpOffloads(false, true));
    assertTrue(send(without, run(2, 100, 0)));
    assertEquals(1, receive());
    assertEquals(1, receive());
    Libc.close(without.v4());
    Libc.close(without.v6());
  }

  @Test
  void withoutReceiveOffloadEachDatagramIsAMessage() throws Exception {
    SocketPair without = open(new UdpOffloads(true, false));
    assertTrue(sender.send(from, run(2, 100, 0), 0, 2, new Endpoint(IpAddress.parse("127.0.0.1"), without.port())));
    assertEquals(0, reader.receive(without.v4(), Family.V4));
    assertTrue(reader.moveTo(received));
    assertEquals(1, received.count());
    Libc.close(without.v4());
    Libc.close(without.v6());
  }

  @Test
  void runEndsAtAShorterALongerAndAnEmptyDatagramAndAtAnotherTos() {
    Batch runs = run(3, 100, 0);
    append(runs, 99, 0); // the last of the first run
    append(runs, 99, 0);
    append(runs, 100, 0);
    append(runs, 100, 4);
    append(runs, 100, 4);
    append(runs, 0, 4);
    append(runs, 0, 4);
    assertTrue(send(from, runs));
    for (int count : new int[] {4, 1, 1, 2, 1, 1}) {
      assertEquals(count, receive());
    }
    assertNothingMore();
  }

  @Test
  void runEndsAt64DatagramsAndAtTheLargestFrame() {
    assertTrue(send(from, run(100, 10, 0)));
    assertEquals(64, receive());
    assertEquals(36, receive());
    assertTrue(send(from, run(100, 1456, 0)));
    assertEquals(44, receive());
    assertEquals(44, receive());
    assertEquals(12, receive());
  }

  @Test
  void largeRunsCrossADeviceUncut() throws Exception {
    // A veth hands its peer what a network card would be given.
    namespace.ip("link add left type veth peer name right");
    try (NetworkNamespace other = new NetworkNamespace()) {
      namespace.ip("link set right netns " + other.name());
      namespace.ip("address add 192.0.2.1/24 dev left");
      namespace.ip("link set left up");
      other.ip("address add 192.0.2.2/24 dev right");
      other.ip("link set right up");
      SocketPair far = other.run(() -> SocketPair.open(1, 0, 0, ALL).get(0));
      Batch run = run(44, 1456, 0);
      assertTrue(sender.send(from, run, 0, 44, new Endpoint(IpAddress.parse("192.0.2.2"), far.port())));
      long deadlineNs = System.nanoTime() + 60_000_000_000L;
      while (reader.receive(far.v4(), Family.V4) != 0) {
        assertTrue(deadlineNs - System.nanoTime() > 0, "nothing arrived");
        Thread.onSpinWait();
      }
      assertTrue(reader.moveTo(received));
      assertEquals(44, received.count());
      Libc.close(far.v4());
      Libc.close(far.v6());
    }
  }

  @Test
  void datagramsTooLargeForThePathGoSinglyAndSmallerOnesStillTogether() throws Exception {
    namespace.ip("link set lo mtu 1280");
    Batch large = run(2, 1300, 0);
    append(large, 100, 0);
    assertTrue(send(from, large));
    assertEquals(1, receive());
    assertEquals(1, receive());
    assertEquals(1, receive());
    assertTrue(send(from, run(3, 1252, 0)));
    assertEquals(3, receive());
    assertNothingMore();
    assertEquals(0, sender.refused());
  }

  @Test
  void lostSourceDoesNotEndSegmentation() {
    Endpoint.Source gone = new Endpoint.Source(IpAddress.parse("192.0.2.1"), 0);
    Endpoint sticky = new Endpoint(endpoint.address(), endpoint.port(), 0, gone);
    assertFalse(sender.send(from, run(100, 10, 0), 0, 100, sticky));
    for (int i = 0; i < 64; i++) {
      assertEquals(1, receive());
    }
    assertEquals(36, receive(), "the run behind the one that found it out");
    assertTrue(send(from, run(3, 10, 0)));
    assertEquals(3, receive());
  }

  @Test
  void socketsThatRefuseSegmentationAreSentSinglesFromThenOn() throws Exception {
    set(from.v4(), 1);
    assertTrue(send(from, run(2, 1000, 0)));
    assertEquals(1, receive());
    assertEquals(1, receive());
    assertEquals(0, sender.refused());

    set(from.v4(), 0);
    assertTrue(send(from, run(2, 1000, 0)));
    assertEquals(1, receive(), "the refusal is remembered");
    assertEquals(1, receive());
    SocketPair fresh = open(ALL);
    assertTrue(send(fresh, run(2, 1000, 0)));
    assertEquals(2, receive(), "for those sockets only");
    Libc.close(fresh.v4());
    Libc.close(fresh.v6());
  }

  /** Without UDP checksums the kernel segments nothing: SO_NO_CHECK of asm-generic/socket.h. */
  private static void set(int fd, int noCheck) {
    NativeMemory value = new NativeMemory(4);
    value.putInt(0, noCheck);
    assertEquals(0, Libc.setsockopt(fd, 1, 11, value.address(0), 4));
  }

  @Test
  void messageThatDoesNotFitIsMovedInParts() {
    Batch small = new Batch(1000, 4);
    assertTrue(send(from, run(10, 10, 4)));
    assertEquals(0, reader.receive(to.v4(), Family.V4));
    int next = 0;
    for (int count : new int[] {4, 4, 2}) {
      small.clear();
      assertEquals(count == 2, reader.moveTo(small));
      assertEquals(count, small.count());
      for (int slot = 0; slot < count; slot++) {
        assertEquals(next++, small.bytes()[small.offset(slot)], "the first byte numbers the datagrams");
        assertEquals(4, small.tos(slot));
        assertEquals(from.port(), small.remote(slot).port());
      }
    }
  }

  @Test
  void messageThatIsTooLongIsLostAndTheNextReceived() {
    DatagramReader narrow = new DatagramReader(19);
    send(from, run(2, 10, 0));
    send(from, run(1, 10, 0));
    assertEquals(Errno.EMSGSIZE.number(), narrow.receive(to.v4(), Family.V4));
    assertEquals(0, narrow.receive(to.v4(), Family.V4));
    assertTrue(narrow.moveTo(received));
    assertEquals(1, received.count());
  }

  @Test
  void whatAnOlderKernelLacksIsOff() throws Exception {
    for (boolean lacksGso : new boolean[] {true, false}) {
      Refusal refusal = lacksGso ? Refusal.UDP_SEGMENT : Refusal.UDP_GRO;
      SocketPair older = namespace.run(() -> refusal.during(() -> SocketPair.open(1, 0, 0, ALL).get(0)));
      assertEquals(new UdpOffloads(!lacksGso, lacksGso), older.offloads());
      Libc.close(older.v4());
      Libc.close(older.v6());
    }
  }

  @Test
  void saysWhatIsOn() {
    assertEquals("UDP segmentation offload is on, UDP receive offload on", from.offloads().toString());
    assertEquals(
        "UDP segmentation offload is off, UDP receive offload off", new UdpOffloads(false, false).toString());
  }

  private boolean send(SocketPair sockets, Batch run) {
    return sender.send(sockets, run, 0, run.count(), endpoint);
  }

  /** Datagrams in the next message. */
  private int receive() {
    received.clear();
    assertEquals(0, reader.receive(to.v4(), Family.V4));
    assertTrue(reader.moveTo(received));
    return received.count();
  }

  private void assertNothingMore() {
    assertEquals(Errno.EAGAIN.number(), reader.receive(to.v4(), Family.V4));
  }

  private static Batch run(int count, int length, int tos) {
    Batch run = new Batch(Batch.capacityFor(count + 10, (count + 10) * length), count + 10);
    for (int i = 0; i < count; i++) {
      append(run, length, tos);
    }
    return run;
  }

  private static void append(Batch run, int length, int tos) {
    int offset = run.append(length);
    if (length > 0) {
      run.bytes()[offset] = (byte) (run.count() - 1);
    }
    run.tos(run.count() - 1, tos);
  }
}
