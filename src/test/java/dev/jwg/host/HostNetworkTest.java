package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.RoutingTable;
import dev.jwg.linux.Sandbox;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the host looks like afterwards is read with {@code ip -j}, and compared to what the same {@code ip} makes. */
final class HostNetworkTest {
  private static final RoutingTable AUTO = RoutingTable.AUTO;
  private static final List<IpPrefix> EVERYTHING = List.of(prefix("0.0.0.0/0"), prefix("::/0"));

  private NetworkNamespace namespace;
  private Undo undo;

  @BeforeEach
  void makeAnInterface() throws Exception {
    namespace = namespaceWithWg0();
    undo = new Undo();
  }

  @AfterEach
  void remove() throws Exception {
    if (namespace != null) {
      undo.close();
      namespace.close();
    }
  }

  /** An action on the host's network. */
  private interface Change {
    void on(HostNetwork host) throws IOException;
  }

  @Test
  void looksAsAfterWgQuickAndAsBeforeOnceUndone() throws Exception {
    String before = state(namespace);
    change(
        host -> {
          host.addAddresses(
              List.of(address("10.0.0.1/24"), address("127.9.0.1/32"), address("fd00::1/64"), address("fe80::7/64")));
          host.mtu(1380);
          host.linkUp();
          host.routes(
              List.of(
                  prefix("10.0.0.2/32"),
                  prefix("192.168.0.0/16"),
                  prefix("192.168.0.0/16"),
                  prefix("fd00::2/128"),
                  prefix("0.0.0.0/0"),
                  prefix("fd77::/32"),
                  prefix("::/0")),
              AUTO,
              new Mark());
        });
    try (NetworkNamespace oracle = namespaceWithWg0()) {
      oracle.ip("address add 10.0.0.1/24 dev wg0");
      oracle.ip("address add 127.9.0.1/32 dev wg0");
      oracle.ip("-6 address add fd00::1/64 dev wg0");
      oracle.ip("-6 address add fe80::7/64 dev wg0");
      oracle.ip("link set mtu 1380 up dev wg0");
      oracle.ip("route add 192.168.0.0/16 dev wg0");
      oracle.ip("-6 route add fd77::/32 dev wg0");
      for (String family : List.of("-4", "-6")) {
        oracle.ip(family + " route add default dev wg0 table 51820");
        oracle.ip(family + " rule add not fwmark 51820 table 51820");
        oracle.ip(family + " rule add table main suppress_prefixlength 0");
      }
      oracle.exec("sysctl -q net.ipv4.conf.all.src_valid_mark=1");
      assertEquals(state(oracle), state(namespace));
    }
    assertEquals(
        "table ip wg-quick-wg0\ntable ip6 wg-quick-wg0\n", namespace.exec("nft list tables"), "see FirewallTest");
    undo.close();
    assertEquals(before, state(namespace));
    assertEquals("", namespace.exec("nft list tables"));
  }

  @Test
  void failingStepIsUndoneWithAllBeforeIt() throws Exception {
    namespace.ip("tuntap add other mode tun");
    namespace.ip("link set other up");
    namespace.ip("route add 10.7.0.0/16 dev other");
    String before = state(namespace);

    SystemCallException refused =
        assertThrows(
            SystemCallException.class,
            () ->
                change(
                    host -> {
                      host.addAddresses(List.of(address("10.0.0.1/24"), address("fd00::1/64")));
                      host.mtu(1380);
                      host.linkUp();
                      host.routes(EVERYTHING, AUTO, new Mark());
                      assertNotEquals(before, state(namespace));
                      host.routes(
                          List.of(prefix("10.6.0.0/16"), prefix("10.7.0.0/16"), prefix("10.8.0.0/16")),
                          AUTO,
                          new Mark());
                    }));
    assertEquals("add route 10.7.0.0/16 dev wg0: EEXIST", refused.getMessage());
    undo.close();
    assertEquals(before, state(namespace));
  }

  @Test
  void pointToPointAddressNamesItsPeer() throws Exception {
    change(
        host ->
            host.addAddresses(
                List.of(
                    new InterfaceAddress(ip("10.0.0.1"), ip("10.0.0.2"), 32),
                    new InterfaceAddress(ip("fd00::1"), ip("fd00::2"), 128))));
    try (NetworkNamespace oracle = namespaceWithWg0()) {
      oracle.ip("address add 10.0.0.1 peer 10.0.0.2/32 dev wg0");
      oracle.ip("address add fd00::1 peer fd00::2/128 dev wg0");
      assertEquals(state(oracle), state(namespace));
    }
  }

  @Test
  void interfacePreparedBySomeoneElseNeedsNoPrivilegesAndIsLeftAsItIs() throws Exception {
    namespace.ip("address add 10.0.0.1/24 dev wg0");
    namespace.ip("address add 10.1.0.1 peer 10.1.0.2/32 dev wg0");
    namespace.ip("address add fd00::1/64 dev wg0");
    namespace.ip("link set mtu 1380 up dev wg0");
    namespace.ip("route add 192.168.0.0/16 dev wg0");
    namespace.ip("route add 192.168.0.0/16 dev wg0 table 300");
    String before = state(namespace);

    namespace.run(
        () -> {
          Sandbox.dropCapabilities();
          return null;
        });
    change(
        host -> {
          host.addAddresses(
              List.of(
                  address("10.0.0.1/24"),
                  new InterfaceAddress(ip("10.1.0.1"), ip("10.1.0.2"), 32),
                  address("fd00::1/64")));
          host.mtu(1380);
          host.linkUp();
          host.routes(List.of(prefix("192.168.0.0/16"), prefix("192.168.5.0/24")), AUTO, new Mark());
          host.routes(List.of(prefix("192.168.0.0/16")), RoutingTable.numbered(300), new Mark());
        });
    assertEquals(before, state(namespace));
    undo.close();
    assertEquals(before, state(namespace));
  }

  @Test
  void numberedTableGetsAllRoutesAndNoRules() throws Exception {
    String rules = namespace.ip("rule") + namespace.ip("-6 rule");
    Mark mark = new Mark();
    change(
        host -> {
          host.addAddresses(List.of(address("10.0.0.1/24")));
          host.linkUp();
          host.routes(
              Stream.concat(EVERYTHING.stream(), Stream.of(prefix("10.0.0.2/32"))).toList(),
              RoutingTable.numbered(4_000_000_000L),
              mark);
        });
    assertEquals(2, namespace.ip("route show table 4000000000").lines().count());
    assertEquals(1, namespace.ip("-6 route show table 4000000000").lines().count());
    assertEquals(rules, namespace.ip("rule") + namespace.ip("-6 rule"));
    assertEquals(0, mark.get());
  }

  @Test
  void tableOffGetsNoRoutes() throws Exception {
    change(HostNetwork::linkUp);
    String before = state(namespace);
    change(host -> host.routes(EVERYTHING, RoutingTable.OFF, new Mark()));
    assertEquals(before, state(namespace));
  }

  @Test
  void onlyTheFamilyWithADefaultRouteGetsRules() throws Exception {
    String v4Rules = namespace.ip("-4 rule");
    change(
        host -> {
          host.linkUp();
          host.routes(List.of(prefix("::/0")), AUTO, new Mark());
        });
    assertEquals(v4Rules, namespace.ip("-4 rule"));
    assertTrue(namespace.ip("-6 rule").contains("lookup 51820"));
    assertEquals("0", namespace.exec("sysctl -n net.ipv4.conf.all.src_valid_mark").strip());
  }

  @Test
  void markInUseIsTheNumberOfTheTable() throws Exception {
    Mark mark = new Mark();
    mark.set(0x1234);
    change(
        host -> {
          host.linkUp();
          host.routes(EVERYTHING, AUTO, mark);
        });
    assertEquals(0x1234, mark.get());
    assertEquals(1, namespace.ip("route show table 4660").lines().count());
    assertTrue(namespace.ip("rule").contains("not from all fwmark 0x1234 lookup 4660"));
  }

  @Test
  void reroutingLooksAsIfTheLaterAllowedIpsHadBeenTheFirst() throws Exception {
    List<IpPrefix> before = List.of(prefix("10.1.0.0/16"), prefix("10.2.0.0/16"), prefix("0.0.0.0/0"), prefix("fd01::/64"));
    List<IpPrefix> after = List.of(prefix("10.1.7.0/24"), prefix("10.2.0.0/16"), prefix("::/0"));
    String untouched = state(namespace);
    change(
        host -> {
          host.linkUp();
          host.routes(after, AUTO, new Mark());
        });
    String wanted = state(namespace);
    undo.close();
    assertEquals(untouched, state(namespace));
    change(
        host -> {
          Mark mark = new Mark();
          host.linkUp();
          host.routes(before, AUTO, mark);
          host.reroute(before, after, AUTO, mark);
        });
    assertEquals(wanted, state(namespace));
    undo.close();
    assertEquals(untouched, state(namespace));
  }

  @Test
  void reroutingFollowsTheMarkAndLeavesWhatIsTheSameAlone() throws Exception {
    Mark mark = new Mark();
    change(
        host -> {
          host.linkUp();
          host.routes(EVERYTHING, AUTO, mark);
          String rules = namespace.ip("rule");
          host.reroute(EVERYTHING, EVERYTHING, AUTO, mark);
          assertEquals(rules, namespace.ip("rule"));
          mark.set(77);
          host.reroute(EVERYTHING, EVERYTHING, AUTO, mark);
        });
    assertTrue(namespace.ip("rule").contains("not from all fwmark 0x4d lookup 77"));
    assertEquals("", namespace.ip("route show table 51820"));
  }

  @Test
  void reroutingInATableRemovesWhatIsGoneFromIt() throws Exception {
    RoutingTable table = RoutingTable.numbered(77);
    List<IpPrefix> before = List.of(prefix("10.1.0.0/16"), prefix("10.2.0.0/16"));
    change(
        host -> {
          host.linkUp();
          host.routes(before, table, new Mark());
          host.reroute(before, List.of(prefix("10.2.0.0/16"), prefix("10.3.0.0/16")), table, new Mark());
        });
    String routes = namespace.ip("route show table 77");
    assertEquals(List.of("10.2.0.0/16", "10.3.0.0/16"), routes.lines().map(line -> line.split(" ", 2)[0]).toList());
  }

  @Test
  void ownTableIsTheFirstUnusedOneOfBothFamilies() throws Exception {
    namespace.ip("link set wg0 up");
    namespace.ip("route add 10.0.0.0/8 dev wg0 table 51820");
    namespace.ip("-6 route add fd00::/8 dev wg0 table 51821");
    Mark mark = new Mark();
    change(host -> host.routes(EVERYTHING, AUTO, mark));
    assertEquals(51822, mark.get());
  }

  @Test
  void twoEndpointsWithDefaultRoutesDoNotDisturbEachOther() throws Exception {
    namespace.ip("tuntap add wg1 mode tun");
    namespace.ip("link set wg0 up");
    namespace.ip("link set wg1 up");
    Mark first = new Mark();
    Mark second = new Mark();
    change(host -> host.routes(EVERYTHING, AUTO, first));
    String withFirst = state(namespace);
    try (Undo ofSecond = new Undo()) {
      namespace.run(
          () -> {
            HostNetwork.of("wg1", ofSecond).routes(EVERYTHING, AUTO, second);
            return null;
          });
      assertEquals(List.of(51820, 51821), List.of(first.get(), second.get()));
    }
    assertEquals(withFirst, state(namespace));

    namespace.run(
        () -> {
          HostNetwork.of("wg1", undo).routes(EVERYTHING, AUTO, second); // undone behind the first
          return null;
        });
    undo.close();
    assertEquals(0, namespace.ip("-4 rule").lines().filter(rule -> rule.contains("5182")).count());
  }

  @Test
  void endpointThatLeavesFirstTakesItsOwnRulesOnly() throws Exception {
    namespace.ip("tuntap add wg1 mode tun");
    namespace.ip("link set wg0 up");
    namespace.ip("link set wg1 up");
    try (Undo ofSecond = new Undo()) {
      change(host -> host.routes(EVERYTHING, AUTO, new Mark()));
      namespace.run(
          () -> {
            HostNetwork.of("wg1", ofSecond).routes(EVERYTHING, AUTO, new Mark());
            return null;
          });
      undo.close();
      List<String> left = namespace.ip("-4 rule").lines().map(line -> line.replaceFirst("^\\d+:\\s*", "")).toList();
      assertEquals(
          List.of(
              "from all lookup local",
              "from all lookup main suppress_prefixlength 0 proto 107",
              "not from all fwmark 0xca6d lookup 51821 proto 107",
              "from all lookup main",
              "from all lookup default"),
          left);
      assertEquals("1", namespace.exec("sysctl -n net.ipv4.conf.all.src_valid_mark").strip());
    }
  }

  @Test
  void tenThousandRoutesComeAndGo() throws Exception {
    List<IpPrefix> many =
        IntStream.range(0, 10_000)
            .mapToObj(i -> new IpPrefix(IpAddress.v4(0x0b000000 + (i << 8)), 24))
            .toList();
    change(
        host -> {
          host.linkUp();
          host.routes(many, AUTO, new Mark());
        });
    assertEquals(10_000, namespace.ip("route show dev wg0").lines().count());
    undo.close();
    assertEquals("", namespace.ip("route show"));
  }

  @Test
  void withIpv6OffTheRestIsDoneAndOneWarningSaysWhy() throws Exception {
    namespace.exec("sysctl -q net.ipv6.conf.wg0.disable_ipv6=1");
    String v6Rules = namespace.ip("-6 rule");
    List<String> logged =
        Stderr.of(
            () ->
                change(
                    host -> {
                      host.addAddresses(List.of(address("fd00::1/64"), address("fd01::1/64"), address("10.0.0.1/24")));
                      host.linkUp();
                      host.routes(
                          List.of(prefix("::/0"), prefix("0.0.0.0/0"), prefix("fd07::/16"), prefix("10.7.0.0/16")),
                          AUTO,
                          new Mark());
                    }));
    assertEquals(1, logged.size(), logged::toString);
    assertEquals(
        "wg0 goes without its IPv6 addresses and routes: add address fd00::1/64 dev wg0: EACCES"
            + " (ipv6: IPv6 is disabled on this device)",
        message(logged.get(0)));
    assertEquals(2, namespace.ip("route show").lines().count());
    assertEquals(1, namespace.ip("route show table 51820").lines().count());
    assertEquals(v6Rules, namespace.ip("-6 rule"));
  }

  @Test
  void mtuTooSmallForIpv6LeavesOutItsRoutesWithOneWarning() throws Exception {
    List<String> logged =
        Stderr.of(
            () ->
                change(
                    host -> {
                      host.addAddresses(List.of(address("fd00::1/64"), address("10.0.0.1/24")));
                      host.mtu(1000);
                      host.linkUp();
                      host.routes(
                          List.of(prefix("fd07::/16"), prefix("fd08::/16"), prefix("10.7.0.0/16")),
                          AUTO,
                          new Mark());
                    }));
    assertEquals(1, logged.size(), logged::toString);
    assertEquals(
        "wg0 goes without its IPv6 addresses and routes: its MTU is below 1280", message(logged.get(0)));
    assertEquals(2, namespace.ip("route show").lines().count());
  }

  @Test
  void readOnlySettingsAreWarnedOfOnce() throws Exception {
    namespace.ip("link set wg0 up");
    namespace.run(
        () -> {
          Sandbox.makeProcSysReadOnly();
          return null;
        });
    List<String> logged = Stderr.of(() -> change(host -> host.routes(EVERYTHING, AUTO, new Mark())));
    assertEquals(1, logged.size(), logged::toString);
    assertTrue(message(logged.get(0)).startsWith("could not set net.ipv4.conf.all.src_valid_mark=1"), logged.get(0));
    assertTrue(namespace.ip("-4 rule").contains("lookup 51820"));
  }

  @Test
  void readOnlySettingsThatAreRightAlreadyAreNoCauseForWarning() throws Exception {
    namespace.ip("link set wg0 up");
    namespace.exec("sysctl -q net.ipv4.conf.all.src_valid_mark=1");
    namespace.run(
        () -> {
          Sandbox.makeProcSysReadOnly();
          return null;
        });
    assertEquals(List.of(), Stderr.of(() -> change(host -> host.routes(EVERYTHING, AUTO, new Mark()))));
  }

  @Test
  void undoAfterTheInterfaceWentIsQuiet() throws Exception {
    String rules = namespace.ip("rule") + namespace.ip("-6 rule");
    change(
        host -> {
          host.addAddresses(List.of(address("10.0.0.1/24"), address("fd00::1/64")));
          host.mtu(1380);
          host.linkUp();
          host.routes(
              List.of(prefix("0.0.0.0/0"), prefix("10.7.0.0/16"), prefix("::/0"), prefix("fd07::/16")),
              AUTO,
              new Mark());
        });
    namespace.ip("link delete wg0");
    assertEquals(List.of(), Stderr.of(undo::close));
    assertEquals(rules, namespace.ip("rule") + namespace.ip("-6 rule"));
  }

  @Test
  void mtuIsThatOfTheNarrowestRouteToAnEndpointLessEighty() throws Exception {
    namespace.ip("tuntap add a mode tun");
    namespace.ip("tuntap add b mode tun");
    namespace.ip("link set mtu 1300 up dev a");
    namespace.ip("link set mtu 9000 up dev b");
    assertEquals(1420, mtuTowards("192.0.2.1", "2001:db8::1"));

    namespace.ip("route add default dev a");
    assertEquals(1220, mtuTowards());
    assertEquals(1220, mtuTowards("192.0.2.1"));

    namespace.ip("route add 192.0.2.2 dev b mtu 1400");
    assertEquals(1320, mtuTowards("192.0.2.2"));
    assertEquals(1220, mtuTowards("192.0.2.1", "192.0.2.2"));
    assertEquals(1220, mtuTowards("192.0.2.2", "192.0.2.1"));

    namespace.ip("-6 route add 2001:db8::/32 dev b");
    assertEquals(8920, mtuTowards("2001:db8::1"));
    assertEquals(1320, mtuTowards("2001:db8::1", "2001:dead::1", "192.0.2.2")); // the second has no route
    assertEquals(1220, mtuTowards("192.0.2.1", "2001:db8::1", "192.0.2.2"));

    namespace.ip("route replace default dev a mtu 1250");
    assertEquals(1170, mtuTowards("2001:dead::1"));
  }

  @Test
  void withoutPrivilegesTheReasonSaysWhatIsNeeded() throws Exception {
    namespace.run(
        () -> {
          Sandbox.dropCapabilities();
          return null;
        });
    SystemCallException refused = assertThrows(SystemCallException.class, () -> change(HostNetwork::linkUp));
    assertEquals("set up dev wg0: EPERM (need CAP_NET_ADMIN)", refused.getMessage());
  }

  @Test
  void withoutPrivilegesAnInterfaceKeepsTheMtuItWasPreparedWith() throws Exception {
    namespace.ip("link set wg0 mtu 1300");
    namespace.run(
        () -> {
          Sandbox.dropCapabilities();
          return null;
        });
    String warning = Stderr.of(() -> change(host -> host.mtuTowards(List.of()))).get(0);
    assertEquals("wg0 keeps its MTU of 1300: set mtu 1420 dev wg0: EPERM (need CAP_NET_ADMIN)", message(warning));
    assertThrows(SystemCallException.class, () -> change(host -> host.mtu(1420)));
    assertEquals(1300, mtu());
  }

  @Test
  void missingInterfaceIsRefused() {
    SystemCallException refused =
        assertThrows(SystemCallException.class, () -> namespace.run(() -> HostNetwork.of("wg9", undo)));
    assertEquals("get link wg9: ENODEV", refused.getMessage());
  }

  private static NetworkNamespace namespaceWithWg0() throws Exception {
    NetworkNamespace made = new NetworkNamespace();
    made.ip("tuntap add wg0 mode tun");
    made.ip("link set wg0 up"); // the first time, the kernel gives it a queueing discipline for good
    made.ip("link set wg0 down");
    return made;
  }

  private void change(Change change) throws Exception {
    namespace.run(
        () -> {
          change.on(HostNetwork.of("wg0", undo));
          return null;
        });
  }

  private int mtuTowards(String... endpoints) throws Exception {
    change(host -> host.mtuTowards(Stream.of(endpoints).map(HostNetworkTest::ip).toList()));
    return mtu();
  }

  private int mtu() throws IOException {
    return Integer.parseInt(namespace.ip("link show dev wg0").replaceFirst("(?s).* mtu ([0-9]+) .*", "$1"));
  }

  /** Returns the host's network as JSON, with the tags of jwg replaced by those of {@code ip}. */
  private static String state(NetworkNamespace of) throws IOException {
    return String.join(
        "\n",
        of.ip("-j -d address show"),
        of.ip("-j -d -4 route show table all").replace("\"106\"", "\"boot\""),
        of.ip("-j -d -6 route show table all").replace("\"106\"", "\"boot\""),
        of.ip("-j -d -4 rule show").replaceAll("\"10[67]\"", "\"unspec\""),
        of.ip("-j -d -6 rule show").replaceAll("\"10[67]\"", "\"unspec\""),
        of.exec("sysctl net.ipv4.conf.all.src_valid_mark"));
  }

  private static String message(String logLine) {
    return logLine.replaceFirst("^\\S+ [A-Z]+ ", "");
  }

  private static IpAddress ip(String text) {
    try {
      return IpAddress.of(InetAddress.getByName(text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static IpPrefix prefix(String text) {
    int slash = text.indexOf('/');
    return new IpPrefix(ip(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  private static InterfaceAddress address(String text) {
    int slash = text.indexOf('/');
    return new InterfaceAddress(ip(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  private static final class Mark implements HostNetwork.Fwmark {
    private int mark;

    @Override
    public int get() {
      return mark;
    }

    @Override
    public void set(int newMark) {
      mark = newMark;
    }
  }
}
