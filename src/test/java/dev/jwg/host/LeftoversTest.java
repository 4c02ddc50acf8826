package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.RoutingTable;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.testing.Stderr;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a killed endpoint would leave is made with {@code ip}; what lives is made by {@link HostNetwork}. */
final class LeftoversTest {
  private static final List<IpPrefix> EVERYTHING =
      List.of(new IpPrefix(IpAddress.ANY_V4, 0), new IpPrefix(IpAddress.v6(0, 0), 0));
  private static final String SETTING = "net.ipv4.conf.all.src_valid_mark";

  private NetworkNamespace namespace;
  private final Undo undo = new Undo();

  @BeforeEach
  void makeAnInterface() throws Exception {
    namespace = new NetworkNamespace();
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("link set wg0 up");
  }

  @AfterEach
  void remove() throws Exception {
    undo.close();
    if (namespace != null) {
      namespace.close();
    }
  }

  private void leave(int table, int priority, int v4Tag) throws IOException {
    for (String family : List.of("-4", "-6")) {
      String tag = " protocol " + (family.equals("-4") ? v4Tag : Tag.JWG);
      namespace.ip(
          "%s rule add not fwmark %d table %d priority %d%s".formatted(family, table, table, priority, tag));
      namespace.ip(
          "%s rule add table main suppress_prefixlength 0 priority %d%s".formatted(family, priority - 1, tag));
    }
    if (v4Tag == Tag.JWG_RESETS_SOURCE_VALID_MARK) {
      namespace.exec("sysctl -q " + SETTING + "=1");
    }
  }

  private List<String> tidy() throws Exception {
    return namespace.run(() -> Leftovers.remove());
  }

  private Undo divert(Mark mark) throws Exception {
    Undo ofEndpoint = new Undo();
    undo.push("end the endpoint", ofEndpoint::close);
    namespace.run(
        () -> {
          HostNetwork.of("wg0", ofEndpoint).routes(EVERYTHING, RoutingTable.AUTO, mark);
          return null;
        });
    return ofEndpoint;
  }

  private String rules() throws IOException {
    return namespace.ip("-4 rule") + namespace.ip("-6 rule");
  }

  private String setting() throws IOException {
    return namespace.exec("sysctl -n " + SETTING).strip();
  }

  @Test
  void leftoversGoWithTheirSettingAndEqualRulesOfOthersStay() throws Exception {
    namespace.ip("rule add not fwmark 51820 table 51820 priority 900");
    namespace.ip("rule add table main suppress_prefixlength 0 priority 899");
    namespace.ip("-6 rule add table main suppress_prefixlength 0 protocol static");
    namespace.ip("route add 10.0.0.0/8 dev wg0 table 77");
    String before = rules();
    leave(51820, 32000, Tag.JWG_RESETS_SOURCE_VALID_MARK);
    leave(77, 500, Tag.JWG_RESETS_SOURCE_VALID_MARK);
    namespace.ip("route add default dev wg0 table 77 proto " + Tag.JWG);
    assertEquals(List.of("8 policy rules", SETTING + "=1"), tidy());
    assertEquals(before, rules());
    assertEquals("0", setting());
    assertEquals(1, namespace.ip("route show table 77").lines().count());
    assertEquals(List.of(), tidy());
  }

  @Test
  void settingThatTheAdministratorMadeStays() throws Exception {
    namespace.exec("sysctl -q " + SETTING + "=1");
    leave(51820, 32000, Tag.JWG);
    assertEquals(List.of("4 policy rules"), tidy());
    assertEquals("1", setting());
  }

  @Test
  void settingStaysWhileAnotherProgramsDefaultRouteNeedsIt() throws Exception {
    leave(51820, 32000, Tag.JWG_RESETS_SOURCE_VALID_MARK);
    namespace.ip("rule add not fwmark 51900 table 51900");
    namespace.ip("route add default dev wg0 table 51900");
    assertEquals(List.of("4 policy rules"), tidy());
    assertEquals("1", setting());
  }

  @Test
  void halfAPairIsALeftoverToo() throws Exception {
    String before = rules();
    namespace.ip("rule add not fwmark 51820 table 51820 priority 32000 protocol " + Tag.JWG);
    namespace.ip("-6 rule add table main suppress_prefixlength 0 priority 600 protocol " + Tag.JWG);
    assertEquals(List.of("2 policy rules"), tidy());
    assertEquals(before, rules());
  }

  @Test
  void whatBelongsToALivingEndpointStaysAndGoesWithIt() throws Exception {
    String before = rules();
    leave(51820, 32000, Tag.JWG_RESETS_SOURCE_VALID_MARK);
    Mark mark = new Mark();
    Undo endpoint = divert(mark);
    assertEquals(51820, mark.get(), "the leftovers were removed, so their table is free");
    String living = rules();
    assertEquals(List.of(), tidy());
    leave(51999, 300, Tag.JWG_RESETS_SOURCE_VALID_MARK);
    assertEquals(List.of("4 policy rules"), tidy());
    assertEquals(living, rules());
    assertEquals("1", setting());
    assertEquals(List.of(), Stderr.of(endpoint::close));
    assertEquals(before, rules());
    assertEquals("0", setting());
  }

  @Test
  void tableThatARuleNamesIsNotFreeAndOneThatIsTakenMeanwhileIsGivenUpForTheNext() throws Exception {
    namespace.ip("rule add not fwmark 51820 table 51820 priority 900");
    String before = rules();
    List<Integer> marks = new ArrayList<>();
    Mark mark =
        new Mark() {
          @Override
          public void set(int newMark) throws IOException {
            super.set(newMark);
            marks.add(newMark);
            if (newMark < 51823) { // another program takes each table as soon as it is chosen
              namespace.ip("-6 route add default dev wg0 table " + newMark);
            }
          }
        };
    Undo endpoint = divert(mark);
    assertEquals(List.of(51821, 51822, 51823), marks);
    assertTrue(namespace.ip("-6 route show table 51823").contains("default"));
    assertEquals(2, namespace.ip("-4 rule").lines().filter(rule -> rule.contains("proto 107")).count(), "one pair");
    endpoint.close();
    assertEquals(before, rules());
    assertEquals("", namespace.ip("route show table 51821"));
  }

  @Test
  void markThatTheUserChoseIsKeptEvenIfItsTableIsTaken() throws Exception {
    namespace.ip("route add default dev wg0 table 4660");
    Mark mark = new Mark();
    mark.set(0x1234);
    String before = rules();
    List<String> refusal = new ArrayList<>();
    try {
      divert(mark);
    } catch (IOException e) {
      refusal.add(e.getMessage());
    }
    assertEquals(List.of("add route 0.0.0.0/0 dev wg0 table 4660: EEXIST"), refusal);
    undo.close();
    assertEquals(before, rules());
  }

  @Test
  void whatIsLeftOnAPersistentInterfaceIsTakenOverOrRemoved() throws Exception {
    namespace.ip("address add 10.1.0.1/24 dev wg0");
    namespace.ip("route add 10.2.0.0/16 dev wg0");
    String before = namespace.ip("route show dev wg0") + namespace.ip("address show dev wg0");
    IpPrefix wanted = new IpPrefix(IpAddress.parse("10.3.0.0"), 16);
    namespace.run(
        () -> {
          HostNetwork killed = HostNetwork.of("wg0", new Undo());
          killed.addAddresses(
              List.of(
                  new InterfaceAddress(IpAddress.parse("10.9.0.1"), 24),
                  new InterfaceAddress(IpAddress.parse("fd09::1"), 64)));
          killed.routes(List.of(wanted, new IpPrefix(IpAddress.parse("10.4.0.0"), 16)), RoutingTable.AUTO, new Mark());
          HostNetwork next = HostNetwork.of("wg0", undo);
          next.addAddresses(List.of(new InterfaceAddress(IpAddress.parse("10.9.0.1"), 24)));
          next.routes(List.of(wanted), RoutingTable.AUTO, new Mark());
          return null;
        });
    String routes = namespace.ip("route show dev wg0");
    assertTrue(routes.contains("10.3.0.0/16") && !routes.contains("10.4.0.0/16"), routes);
    String addresses = namespace.ip("address show dev wg0");
    assertTrue(addresses.contains("10.9.0.1/24") && !addresses.contains("fd09"), addresses);
    undo.close();
    assertEquals(before, namespace.ip("route show dev wg0") + namespace.ip("address show dev wg0"));
  }

  @Test
  void rulesDoNotStayWhereTheInterfaceRefusesIpv6() throws Exception {
    namespace.exec("sysctl -q net.ipv6.conf.wg0.disable_ipv6=1");
    String before = namespace.ip("-6 rule");
    List<String> logged = Stderr.of(() -> divert(new Mark()));
    assertEquals(1, logged.size(), logged::toString);
    assertTrue(logged.get(0).contains("wg0 goes without its IPv6 addresses and routes"), logged.get(0));
    assertEquals(before, namespace.ip("-6 rule"));
    assertTrue(namespace.ip("route show table 51820").contains("default"));
  }

  @Test
  void defaultRouteOfTheOtherFamilyComesAndGoesWhileTheFirstStaysAsItIs() throws Exception {
    String before = rules() + namespace.exec("nft list tables");
    Mark mark = new Mark();
    List<IpPrefix> v4 = EVERYTHING.subList(0, 1);
    List<IpPrefix> v6 = EVERYTHING.subList(1, 2);
    namespace.run(
        () -> {
          HostNetwork host = HostNetwork.of("wg0", undo);
          host.routes(v4, RoutingTable.AUTO, mark);
          String rulesOfV4 = namespace.ip("-4 rule");
          String withV4 = rules() + namespace.exec("nft list tables");
          host.reroute(v4, EVERYTHING, RoutingTable.AUTO, mark);
          assertEquals(rulesOfV4, namespace.ip("-4 rule"));
          assertTrue(namespace.ip("-6 rule").contains("lookup 51820"));
          assertEquals("table ip wg-quick-wg0\ntable ip6 wg-quick-wg0\n", namespace.exec("nft list tables"));
          host.reroute(EVERYTHING, v4, RoutingTable.AUTO, mark);
          assertEquals(withV4, rules() + namespace.exec("nft list tables"));
          host.reroute(v4, v6, RoutingTable.AUTO, mark);
          assertEquals("0", setting());
          assertEquals("", namespace.ip("route show table 51820"));
          host.reroute(v6, EVERYTHING, RoutingTable.AUTO, mark);
          assertEquals("1", setting());
          host.reroute(EVERYTHING, List.of(), RoutingTable.AUTO, mark);
          assertEquals(before, rules() + namespace.exec("nft list tables"));
          host.reroute(List.of(), EVERYTHING, RoutingTable.AUTO, mark);
          return null;
        });
    assertEquals(51820, mark.get());
    assertEquals(List.of(), Stderr.of(undo::close));
    assertEquals(before, rules() + namespace.exec("nft list tables"));
    assertEquals("0", setting());
  }

  /** Returns the kernel's events for rules and for the tunnel's table, in order, of a start and its end. */
  @Test
  void rulesStandBeforeTheDefaultRouteAppearsAndGoAfterIt() throws Exception {
    Process monitor =
        new ProcessBuilder("ip", "-n", namespace.name(), "monitor", "rule", "route").redirectErrorStream(true).start();
    try (BufferedReader lines = monitor.inputReader(StandardCharsets.UTF_8)) {
      do {
        namespace.ip("rule add priority 7 table 7");
        namespace.ip("rule delete priority 7");
      } while (!lines.ready());
      divert(new Mark()).close();
      namespace.ip("rule add priority 9 table 9");
      List<String> events = new ArrayList<>();
      String line = lines.readLine();
      while (!line.startsWith("9:")) {
        if (line.contains("51820") || line.contains("suppress")) {
          events.add((line.startsWith("Deleted") ? "-" : "+") + (line.contains("default dev") ? "route" : "rule"));
        }
        line = lines.readLine();
      }
      List<String> oneFamily = List.of("+rule", "+rule", "+route");
      List<String> start = new ArrayList<>(oneFamily);
      start.addAll(oneFamily);
      assertEquals(start, events.subList(0, 6));
      List<String> end = List.of("-route", "-rule", "-rule", "-route", "-rule", "-rule");
      assertEquals(end, events.subList(6, events.size()));
    } finally {
      monitor.destroy();
    }
  }

  private static class Mark implements HostNetwork.Fwmark {
    private int mark;

    @Override
    public int get() {
      return mark;
    }

    @Override
    public void set(int newMark) throws IOException {
      mark = newMark;
    }
  }
}
