package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LinkMonitorTest implements LinkMonitor.Listener {
  private final List<String> heard = new ArrayList<>();
  private NetworkNamespace namespace;
  private LinkMonitor monitor;
  private int index;

  @BeforeEach
  void watchAnInterface() throws Exception {
    namespace = new NetworkNamespace();
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("link set wg0 mtu 1400");
    index = namespace.indexOf("wg0");
    monitor = namespace.run(() -> new LinkMonitor(index, this));
  }

  @AfterEach
  void remove() throws Exception {
    if (monitor != null) {
      monitor.close();
    }
    if (namespace != null) {
      namespace.close();
    }
  }

  @Test
  void firstReportTellsThePresentState() throws Exception {
    monitor.report();
    assertHeard("mtu 1400", "down");
    monitor.report();
    monitor.onReadable();
    assertHeard();
  }

  @Test
  void firstReadReportsThePresentStateToo() throws Exception {
    monitor.onReadable();
    assertHeard("mtu 1400", "down");
  }

  @Test
  void changesAreReportedInTheirOrderAndOnlyThem() throws Exception {
    monitor.report();
    heard.clear();

    namespace.ip("link set wg0 up");
    namespace.ip("link set wg0 mtu 1300");
    namespace.ip("link set wg0 mtu 1300");
    namespace.ip("link set wg0 alias other");
    namespace.ip("tuntap add wg1 mode tun");
    namespace.ip("link set wg1 mtu 1200");
    namespace.ip("link set wg0 down");
    namespace.ip("link set wg0 name tunnel");
    monitor.onReadable();
    assertHeard("up", "mtu 1300", "down", "name tunnel");
  }

  @Test
  void deletionIsTheLastReport() throws Exception {
    monitor.report();
    heard.clear();

    namespace.ip("link set wg0 mtu 1300");
    namespace.ip("link delete wg0");
    namespace.ip("tuntap add wg0 mode tun");
    monitor.onReadable();
    assertHeard("mtu 1300", "gone");
    monitor.onReadable();
    assertHeard();
  }

  @Test
  void moveToAnotherNamespaceIsNoDeletion() throws Exception {
    monitor.report();
    heard.clear();

    try (NetworkNamespace other = new NetworkNamespace()) {
      namespace.ip("link set wg0 netns " + other.name());
      monitor.onReadable();
      assertHeard("moved");
    }
  }

  @Test
  void leavingABridgeIsNoDeletion() throws Exception {
    namespace.ip("link add br0 type bridge");
    namespace.ip("tuntap add tap0 mode tap");
    namespace.ip("link set tap0 master br0");
    int tap = namespace.indexOf("tap0");
    try (LinkMonitor ofPort = namespace.run(() -> new LinkMonitor(tap, this))) {
      ofPort.report();
      heard.clear();

      namespace.ip("link set tap0 nomaster");
      namespace.ip("link set tap0 mtu 1400");
      ofPort.onReadable();
      assertHeard("mtu 1400");
    }
  }

  @Test
  void lostEventsAreMadeGoodByAQuery() throws Exception {
    monitor.report();
    heard.clear();

    floodWithMtuChanges();
    namespace.ip("link set wg0 mtu 1234");
    monitor.onReadable();
    assertEquals("mtu 1234", heard.get(heard.size() - 1));
    assertTrue(heard.size() < FLOOD, "no event was lost: " + heard.size());

    heard.clear();
    namespace.ip("link set wg0 up");
    monitor.onReadable();
    assertHeard("up");
  }

  @Test
  void deletionIsNoticedEvenIfItsEventIsLost() throws Exception {
    monitor.report();
    floodWithMtuChanges();
    namespace.ip("link delete wg0");
    monitor.onReadable();
    assertEquals("gone", heard.get(heard.size() - 1));
  }

  @Test
  void missingInterfaceIsRefused() throws Exception {
    SystemCallException refused =
        assertThrows(SystemCallException.class, () -> namespace.run(() -> new LinkMonitor(4711, this)));
    assertEquals("get link 4711: ENODEV", refused.getMessage());
  }

  private static final int FLOOD = 2000;

  private void floodWithMtuChanges() throws Exception {
    namespace.run(
        () -> {
          try (NetlinkSocket socket = NetlinkSocket.open()) {
            socket.batch(FLOOD, position -> setMtu(1300 + position), (position, failure) -> {});
          }
          return null;
        });
  }

  private NetlinkRequest setMtu(int mtu) {
    return new NetlinkRequest("set mtu", Rtnetlink.RTM_NEWLINK, 0)
        .u32(0)
        .u32(index)
        .u32(0)
        .u32(0)
        .attribute(Rtnetlink.IFLA_MTU, mtu);
  }

  private void assertHeard(String... expected) {
    assertEquals(List.of(expected), heard);
    heard.clear();
  }

  @Override
  public void onMtu(int mtu) {
    heard.add("mtu " + mtu);
  }

  @Override
  public void onUp() {
    heard.add("up");
  }

  @Override
  public void onDown() {
    heard.add("down");
  }

  @Override
  public void onName(String name) {
    heard.add("name " + name);
  }

  @Override
  public void onGone() {
    heard.add("gone");
  }

  @Override
  public void onMoved() {
    heard.add("moved");
  }
}
