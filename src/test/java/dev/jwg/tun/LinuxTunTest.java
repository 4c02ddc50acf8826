package dev.jwg.tun;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.Allocations;
import dev.jwg.linux.Capabilities;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A real TUN device in a namespace of its own, with segmentation offload and without. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
final class LinuxTunTest {
  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final EpollLoop shard = new EpollLoop("jwg-test-shard", fatal::add);
  private final EpollLoop control = new EpollLoop("jwg-test-control", fatal::add);
  private final List<LinuxTun> opened = new ArrayList<>();
  private final boolean offload;
  private NetworkNamespace namespace;

  LinuxTunTest(boolean offload) {
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
    shard.close();
    control.close();
    if (namespace != null) {
      namespace.close();
    }
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  @Test
  void newInterfaceHasTheDefaultMtuOrTheOneAskedFor() throws Exception {
    LinuxTun first = open("wg0", 0);
    assertEquals("wg0", first.name());
    open("wg+=_.-01234567", 9000);
    assertTrue(namespace.ip("link show wg0").contains(" mtu 1420 "));
    assertTrue(namespace.ip("link show wg+=_.-01234567").contains(" mtu 9000 "));
  }

  @Test
  void closingRemovesTheInterfaceStartedOrNot() throws Exception {
    LinuxTun started = open("wg0", 0);
    start(started);
    LinuxTun unstarted = open("wg1", 0);
    started.close();
    unstarted.close();
    assertEquals(List.of(), names("wg"), "removed on return");
    started.close();
    unstarted.close();
    awaitEvents("mtu 1420", "down");
    assertNull(events.poll(50, TimeUnit.MILLISECONDS), "what we do ourselves is no event");
  }

  @Test
  void persistentInterfaceKeepsItsMtuAndStays() throws Exception {
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("link set wg0 mtu 1380");
    open("wg0", 0).close();
    assertTrue(namespace.ip("link show wg0").contains(" mtu 1380 "));
    open("wg0", 1400).close();
    assertTrue(namespace.ip("link show wg0").contains(" mtu 1400 "));
  }

  @Test
  void ownPersistentInterfaceNeedsNoCapabilityUnlessItsMtuIsToChange() throws Exception {
    namespace.ip("tuntap add wg0 mode tun user 0");
    namespace.ip("link set wg0 mtu 1380");
    namespace.run(() -> Capabilities.without(() -> openHere("wg0", 1380))).close();
    assertRefused("ioctl SIOCSIFMTU wg0 1400: EPERM (need CAP_NET_ADMIN)", "wg0", 1400);
    assertRefused("ioctl TUNSETIFF wg1: EPERM (need CAP_NET_ADMIN)", "wg1", 0);
  }

  private void assertRefused(String message, String name, int mtu) {
    SystemCallException refused =
        assertThrows(
            SystemCallException.class,
            () -> namespace.run(() -> Capabilities.without(() -> openHere(name, mtu))));
    assertEquals(message, refused.getMessage());
  }

  @Test
  void takenNamesAreRefusedWithAReason() throws Exception {
    open("wg0", 0);
    assertOpenFails("ioctl TUNSETIFF wg0: EBUSY (the name is taken by another program)", "wg0", 0);
    String notTun = "EINVAL (an interface of that name exists and is not a TUN device)";
    assertOpenFails("ioctl TUNSETIFF lo: " + notTun, "lo", 0);
    namespace.ip("tuntap add tap0 mode tap");
    assertOpenFails("ioctl TUNSETIFF tap0: " + notTun, "tap0", 0);
  }

  @Test
  void badNamesAndMtusAreRefusedAndLeaveNothing() throws Exception {
    String allowed = ": 1 to 15 of the characters a-z A-Z 0-9 _ = + . -";
    for (String name : new String[] {"", "a/b", "wg 0", "wg%d", "sixteen-letters-"}) {
      assertOpenFails("interface name \"" + name + "\"" + allowed, name, 0);
    }
    assertOpenFails(
        "ioctl SIOCSIFMTU wg0 67: EINVAL (the MTU of a TUN device is 68 to 65535)", "wg0", 67);
    assertEquals(List.of(), names("wg"));
  }

  private void assertOpenFails(String message, String name, int mtu) {
    IOException failure = assertThrows(IOException.class, () -> open(name, mtu));
    assertEquals(message, failure.getMessage());
  }

  @Test
  void packetsPassBothWays() throws Exception {
    LinuxTun tun = echoing("wg0", 0);
    try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
      assertEquals("hello", echo(socket, "hello"));
      assertEquals(0, tun.refusedWrites());
    }
  }

  @Test
  void largestPacketsPassBothWays() throws Exception {
    echoing("wg0", 65535);
    try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
      String text = "x".repeat(65_507);
      assertEquals(text, echo(socket, text));
    }
  }

  @Test
  void burstLargerThanABatchArrivesWhole() throws Exception {
    LinuxTun tun = open("wg0", 0);
    CountDownLatch arrived = new CountDownLatch(300);
    start(
        tun,
        packets -> {
          assertTrue(packets.count() <= 128, "the work of one wake-up is bounded");
          for (int slot = 0; slot < packets.count(); slot++) {
            if (isUdp(packets, slot)) {
              arrived.countDown();
            }
          }
        });
    bringUp("wg0");
    try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
      for (int i = 0; i < 300; i++) {
        send(socket, "number " + i);
      }
    }
    assertTrue(arrived.await(60, TimeUnit.SECONDS), () -> arrived.getCount() + " packets are missing");
  }

  @Test
  void writingToAnInterfaceThatIsDownIsCountedAndWritingGoesOnWhenItIsUp() throws Exception {
    LinuxTun tun = open("wg0", 0);
    start(tun);
    byte[] garbage = {0x45, 0, 0, 3};
    Batch batch = new Batch(1000, 2);
    batch.append(garbage, 0, garbage.length);
    batch.append(garbage, 0, garbage.length);
    CountDownLatch written = new CountDownLatch(1);
    shard.execute(
        () -> {
          tun.queues().get(0).write(batch, 0, 2);
          written.countDown();
        });
    assertTrue(written.await(60, TimeUnit.SECONDS));
    assertEquals(2, tun.refusedWrites(), "EIO for each");
    assertEquals(0, tun.failedReads());
  }

  @Test
  void changesFromOutsideAreToldInTheirOrder() throws Exception {
    LinuxTun tun = open("wg0", 0);
    start(tun);
    awaitEvents("mtu 1420", "down");
    namespace.ip("link set wg0 up");
    namespace.ip("link set wg0 mtu 1300");
    namespace.ip("link set wg0 down");
    awaitEvents("up", "mtu 1300", "down");
    namespace.ip("link set wg0 name tunnel");
    namespace.ip("link set tunnel mtu 1200");
    awaitEvents("name tunnel", "mtu 1200");
    assertEquals("tunnel", tun.name());
  }

  @Test
  void changesBetweenOpenAndStartAreTold() throws Exception {
    LinuxTun tun = open("wg0", 0);
    namespace.ip("link set wg0 mtu 1300");
    namespace.ip("link set wg0 name tunnel");
    start(tun);
    awaitEvents("mtu 1420", "down", "mtu 1300", "name tunnel");
  }

  @Test
  void deletionIsToldOnceAndLast() throws Exception {
    LinuxTun tun = open("wg0", 0);
    start(tun);
    bringUp("wg0");
    awaitEvents("mtu 1420", "down", "up");
    namespace.ip("link delete wg0");
    awaitUntil("deleted");
    tun.close();
    assertNull(events.poll(50, TimeUnit.MILLISECONDS));
  }

  @Test
  void deletionBeforeTheStartIsTold() throws Exception {
    LinuxTun tun = open("wg0", 0);
    namespace.ip("link delete wg0");
    start(tun);
    awaitUntil("deleted");
  }

  @Test
  void moveToAnotherNamespaceIsFollowedEvenUnderAnotherNameAndBack() throws Exception {
    try (NetworkNamespace other = new NetworkNamespace()) {
      LinuxTun tun = echoing("wg0", 0);
      awaitEvents("mtu 1420", "down", "up");
      other.ip("tuntap add filler mode tun"); // so that the index is another one there
      other.ip("tuntap add wg0 mode tun");
      namespace.ip("link set wg0 netns " + other.name() + " name moved");
      awaitUntil("name moved", "mtu 1420", "down");
      assertEquals("moved", tun.name());

      other.ip("address add 10.7.0.1/24 dev moved");
      other.ip("link set moved up");
      awaitEvents("up");
      try (DatagramSocket socket = other.run(() -> new DatagramSocket())) {
        assertEquals("hello", echo(socket, "hello"));
      }
      other.ip("link set moved mtu 1300");
      awaitEvents("mtu 1300");

      other.ip("link set moved netns " + namespace.name());
      awaitUntil("mtu 1300", "down");
      namespace.ip("link delete moved");
      awaitUntil("deleted");
      assertNull(events.poll(50, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void steadyEchoAllocatesNothing() throws Exception {
    echoing("wg0", 0);
    try (DatagramSocket socket = namespace.run(() -> new DatagramSocket())) {
      echoMany(socket, 10_000);
      long before = Allocations.of(shard);
      echoMany(socket, 10_000);
      assertEquals(0, (Allocations.of(shard) - before) / 10_000, "bytes allocated for each packet");
    }
  }

  private static void echoMany(DatagramSocket socket, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      assertEquals("hello", echo(socket, "hello"));
    }
  }

  /** Opens, starts and brings up a TUN at 10.7.0.1/24 behind which every host answers UDP with what it is sent. */
  private LinuxTun echoing(String name, int mtu) throws Exception {
    LinuxTun tun = open(name, mtu);
    start(
        tun,
        packets -> {
          for (int slot = 0; slot < packets.count(); slot++) {
            if (isUdp(packets, slot)) {
              turnRound(packets.bytes(), packets.offset(slot));
              tun.queues().get(0).write(packets, slot, slot + 1);
            }
          }
        });
    bringUp(name);
    return tun;
  }

  private void bringUp(String name) throws IOException {
    namespace.ip("address add 10.7.0.1/24 dev " + name);
    namespace.ip("link set " + name + " up");
  }

  /** IPv4 with protocol 17: RFC 791 section 3.1. The host also sends IPv6 router solicitations. */
  private static boolean isUdp(Batch packets, int slot) {
    int at = packets.offset(slot);
    return packets.bytes()[at] >> 4 == 4 && packets.bytes()[at + 9] == 17;
  }

  /** Swaps addresses and ports, which leaves both checksums right. */
  private static void turnRound(byte[] bytes, int at) {
    for (int i = 0; i < 4; i++) {
      swap(bytes, at + 12 + i, at + 16 + i);
    }
    swap(bytes, at + 20, at + 22);
    swap(bytes, at + 21, at + 23);
  }

  private static void swap(byte[] bytes, int a, int b) {
    byte saved = bytes[a];
    bytes[a] = bytes[b];
    bytes[b] = saved;
  }

  private static String echo(DatagramSocket socket, String text) throws IOException {
    socket.setSoTimeout(5_000);
    send(socket, text);
    DatagramPacket reply = new DatagramPacket(new byte[65_535], 65_535);
    socket.receive(reply);
    return new String(reply.getData(), 0, reply.getLength(), ISO_8859_1);
  }

  private static void send(DatagramSocket socket, String text) throws IOException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    InetAddress behind = InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(0x0a070002).array());
    socket.send(new DatagramPacket(bytes, bytes.length, behind, 7));
  }

  private LinuxTun open(String name, int mtu) throws Exception {
    return namespace.run(() -> openHere(name, mtu));
  }

  private LinuxTun openHere(String name, int mtu) throws IOException {
    LinuxTun tun = LinuxTun.open(name, mtu, offload, 1, queues -> List.of(shard), control);
    opened.add(tun);
    return tun;
  }

  private void start(LinuxTun tun) {
    start(tun, packets -> {});
  }

  private void start(LinuxTun tun, Tun.PacketListener packets) {
    tun.queues().get(0).listen(packets);
    tun.start(new Recorder());
  }

  private List<String> names(String prefix) throws IOException {
    List<String> names = new ArrayList<>();
    for (String line : namespace.ip("-o link show").lines().toList()) {
      String name = line.split(": ", -1)[1];
      if (name.startsWith(prefix)) {
        names.add(name);
      }
    }
    return names;
  }

  private void awaitEvents(String... expected) throws InterruptedException {
    for (String event : expected) {
      assertEquals(event, events.poll(60, TimeUnit.SECONDS));
    }
  }

  /** Passes over what comes before: a move or a deletion first takes the interface down, which may be told or not. */
  private void awaitUntil(String... expected) throws InterruptedException {
    List<String> heard = new ArrayList<>();
    while (!endsWith(heard, List.of(expected))) {
      String event = events.poll(60, TimeUnit.SECONDS);
      assertFalse(event == null, () -> "heard only " + heard);
      heard.add(event);
    }
  }

  private static boolean endsWith(List<String> heard, List<String> expected) {
    int from = heard.size() - expected.size();
    return from >= 0 && heard.subList(from, heard.size()).equals(expected);
  }

  private final class Recorder implements Tun.LinkListener {
    private void record(String event) {
      assertTrue(control.inLoop());
      events.add(event);
    }

    @Override
    public void onMtu(int mtu) {
      record("mtu " + mtu);
    }

    @Override
    public void onUp() {
      record("up");
    }

    @Override
    public void onDown() {
      record("down");
    }

    @Override
    public void onName(String name) {
      record("name " + name);
    }

    @Override
    public void onDeleted() {
      record("deleted");
    }
  }
}
