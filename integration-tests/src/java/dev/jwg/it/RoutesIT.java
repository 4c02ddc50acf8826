package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The outer datagrams follow the routing table, whatever is done to it. After each change one ping may be lost: the next
 * has to pass, as with the kernel's module.
 */
@NetworkTest
final class RoutesIT {

  /** Names the software at home and far away, which of them calls, and whether the far end sends all the time. */
  private record Case(Family family, Software home, Software far, boolean homeInitiates, boolean farSends) {
    @Override
    public String toString() {
      return home + " at home " + (homeInitiates ? "calls " : "is called by ") + far + " over " + family
          + (farSends ? ", which keeps sending" : "");
    }
  }

  static Stream<Case> cases() {
    String wanted = System.getProperty("jwg.pairs");
    Stream<Case> withJwg = Stream.of(
        new Case(Family.IPV4, Software.JWG, Software.JWG, true, true),
        new Case(Family.IPV4, Software.JWG, Software.KERNEL_NEWEST, true, false),
        new Case(Family.IPV4, Software.JWG, Software.WIREGUARD_GO, false, true),
        new Case(Family.IPV4, Software.JWG, Software.KERNEL_6_1, false, false),
        new Case(Family.IPV6, Software.JWG, Software.KERNEL_NEWEST, true, true),
        new Case(Family.IPV6, Software.JWG, Software.JWG, false, false));
    if (wanted == null) {
      return withJwg;
    }
    Stream<Case> withoutJwg = Stream.of(
        new Case(Family.IPV4, Software.KERNEL_NEWEST, Software.WIREGUARD_GO, true, true),
        new Case(Family.IPV4, Software.KERNEL_NEWEST, Software.WIREGUARD_GO, false, false),
        new Case(Family.IPV6, Software.KERNEL_NEWEST, Software.KERNEL_6_1, true, true),
        new Case(Family.IPV4, Software.WIREGUARD_GO, Software.WIREGUARD_GO, true, true));
    return Stream.concat(withJwg, withoutJwg).filter(one -> one.toString().matches(wanted));
  }

  private static Uplinks start(Case wanted, Lab lab) {
    Uplinks lines = new Uplinks(lab, wanted.family, wanted.home, wanted.far).start(wanted.homeInitiates);
    Side caller = wanted.homeInitiates ? lines.home() : lines.far();
    caller.awaitReach((wanted.homeInitiates ? lines.far() : lines.home()).inner4(), Side.START);
    if (wanted.farSends) {
      new Pings(lines.far(), lines.home().inner4());
    }
    lines.assertLeavesBy("the start", 0, 2);
    return lines;
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("cases")
  void routesAndRulesChange(Case wanted, Lab lab) {
    Uplinks lines = start(wanted, lab);
    String far = lines.address(9, 2);
    String viaOther = "via " + lines.address(2, 1) + " dev e1";

    lines.defaultBy(1);
    lines.assertLeavesBy("the default route was replaced", 1, 2);
    lines.defaultBy(0);
    lines.assertLeavesBy("the default route was put back", 0, 2);

    lines.atHome("route add " + far + " " + viaOther);
    lines.assertLeavesBy("a better route appeared", 1, 2);
    lines.atHome("route delete " + far);
    lines.assertLeavesBy("the better route went", 0, 2);

    lines.atHome("route add default " + viaOther + " table 100");
    lines.atHome("rule add to " + far + " lookup 100");
    lines.assertLeavesBy("a rule for the destination was added", 1, 2);
    lines.atHome("rule delete to " + far + " lookup 100");
    lines.assertLeavesBy("the rule for the destination went", 0, 2);

    lines.atHome("rule add ipproto 17 dport " + Side.PORT + " lookup 100");
    lines.assertLeavesBy("a rule for the port was added", 1, 2);
    lines.atHome("rule delete ipproto 17 dport " + Side.PORT + " lookup 100");
    lines.assertLeavesBy("the rule for the port went", 0, 2);

    lines.atHome("rule add fwmark 5 lookup 100");
    lines.assertLeavesBy("a rule for another mark was added", 0, 2);
    lines.home().set("fwmark", "5");
    lines.assertLeavesBy("the mark was set", 1, 2);
    lines.home().set("fwmark", "0");
    lines.assertLeavesBy("the mark was taken away", 0, 2);
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("cases")
  void addressesAndLinksChange(Case wanted, Lab lab) {
    Uplinks lines = start(wanted, lab);

    lines.atHome("address add " + lines.prefix(1, 3) + " dev e0");
    lines.assertReaches("an address was added");
    lines.atHome("address change " + lines.prefix(1, 2) + " dev e0 preferred_lft 0");
    lines.assertReaches("the address in use was deprecated");
    lines.atHome("address delete " + lines.prefix(1, 2) + " dev e0");
    lines.assertLeavesBy("the address in use was removed", 0, 3);

    lines.home().host().ok("ip", "link", "set", "e0", "down");
    lines.assertLeavesBy("the link went down", 1, 2);
    lines.home().host().ok("ip", "link", "set", "e0", "name", "x0");
    lines.assertLeavesBy("the other link was renamed", 1, 2);
    lines.home().host().sh("ip address flush dev x0; ip link set x0 name e0; ip link set e0 up");
    lines.home().host().address("e0", "10.1.0.2/24");
    lines.home().host().address("e0", "fd01::2/64");
    lines.defaultBy(0);
    lines.assertLeavesBy("the link came back", 0, 2);

    Host elsewhere = lab.hostBeside(lines.home().host(), "elsewhere");
    lab.moveLink("e0", lines.home().host(), elsewhere);
    lines.assertLeavesBy("the link was moved away", 1, 2);
    elsewhere.ok("ip", "link", "delete", "e0");
    lines.plugUplink(0, "e0");
    lines.defaultBy(0);
    lines.assertLeavesBy("a new link took its place", 0, 2);
    lines.home().host().ok("ip", "link", "delete", "e0");
    lines.assertLeavesBy("the link was deleted", 1, 2);
  }

  /** The kernel's module answers from the address of the way back, and the caller roams to that. */
  static Stream<Case> calledElsewhere() {
    return Stream.of(
        new Case(Family.IPV4, Software.JWG, Software.JWG, false, false),
        new Case(Family.IPV6, Software.JWG, Software.WIREGUARD_GO, false, false),
        new Case(Family.IPV4, Software.JWG, Software.KERNEL_NEWEST, false, false));
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("calledElsewhere")
  void anAnswerLeavesFromTheAddressThatWasCalledWhereverTheWayBackLeads(Case wanted, Lab lab) {
    Uplinks lines = new Uplinks(lab, wanted.family, wanted.home, wanted.far);
    String called = lines.address(2, 2);
    lines.atHome("route delete default dev e1"); // with it, the way in would be a way back
    lines.start(/* homeInitiates= */ false, called);
    lines.far().host().assertReaches(lines.home().inner4(), "the start");
    assertEquals(Tunnel.endpoint(called), lines.far().peerEndpoint());
    lines.assertLeavesBy("the call", 0);
    // Changes that do not touch the way back leave the source alone.
    lines.atHome("route add " + lines.address(9, 77) + " via " + lines.address(2, 1));
    lines.assertLeavesBy("another route was added", 0);
    assertEquals(Tunnel.endpoint(called), lines.far().peerEndpoint());
    lines.defaultBy(1);
    lines.assertLeavesBy("the way back changed to the called address's own", 1, 2);
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("movedAway")
  void theRoutesOfTheSocketsCountWhereverTheInterfaceIs(Case wanted, Lab lab) {
    Uplinks lines = start(wanted, lab);
    Host guest = lab.hostBeside(lines.home().host(), "guest");
    lab.moveLink(Side.DEVICE, lines.home().host(), guest);
    guest.address(Side.DEVICE, lines.home().inner4() + "/24");
    guest.ok("ip", "link", "set", Side.DEVICE, "up");
    guest.awaitReach(lines.far().inner4(), Duration.ofSeconds(20));
    lines.defaultBy(1);
    guest.assertReaches(lines.far().inner4(), "the default route was replaced");
    Await.until("datagrams leave by the other uplink", Duration.ofSeconds(10), () -> {
      guest.reaches(lines.far().inner4());
      return lines.far().peerEndpoint().equals(Tunnel.endpoint(lines.address(2, 2)));
    });
  }

  static Stream<Case> movedAway() {
    return Stream.of(new Case(Family.IPV4, Software.JWG, Software.JWG, true, true));
  }

  private static final String ALL_IN_HALVES = "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1\n";

  /** No mark keeps the datagrams out of the tunnel here, and the kernel's module would send them into it. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void datagramsKeepOutOfTheirOwnTunnelWhoseRoutesCoverTheEndpoint(Family family, Lab lab) {
    Uplinks lines = new Uplinks(lab, family, Software.JWG, Software.JWG);
    lines.start(/* homeInitiates= */ true, lines.address(9, 2), ALL_IN_HALVES);
    long before = packetsIntoTheTunnel(lines);
    // The first initiation comes after the routes.
    routeHalves(lines, "add");
    lines.home().awaitReach(lines.far().inner4(), Side.START);
    lines.assertLeavesBy("the start", 0, 2);
    // A session is there before the routes.
    routeHalves(lines, "delete");
    lines.assertLeavesBy("the tunnel's routes went", 0, 2);
    routeHalves(lines, "add");
    lines.assertLeavesBy("the tunnel's routes came back", 0, 2);

    lines.defaultBy(1);
    lines.assertReaches("the default route below the tunnel's was replaced");
    lines.assertLeavesBy("the default route below the tunnel's was replaced", 1);
    lines.defaultBy(0);
    lines.assertReaches("the default route below the tunnel's was put back");
    lines.home().host().ok("ip", "link", "set", "e0", "down");
    lines.assertLeavesBy("the link went down", 1, 2);
    // Only the tunnel's routes are left.
    lines.home().host().ok("ip", "link", "set", "e1", "down");
    Lab.check(!lines.home().host().reaches(lines.far().inner4()), "there is a way");
    lines.home().program().awaitLine("its only route leads into wg0 itself", Side.START);
    lines.home().host().sh("ip link set e0 up; ip -6 address replace fd01::2/64 dev e0");
    lines.defaultBy(0);
    lines.assertLeavesBy("a way was there again", 0, 2);
    // The endpoint is set when only the tunnel's route leads there.
    lines.home().set("peer", lines.far().publicKey(), "endpoint", Tunnel.endpoint(lines.address(9, 2)));
    lines.assertLeavesBy("the endpoint was set", 0, 2);
    long entered = packetsIntoTheTunnel(lines) - before;
    Lab.check(entered < 150, entered + " packets entered the tunnel");
  }

  private static void routeHalves(Uplinks lines, String verb) {
    for (String half : new String[] {"0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"}) {
      lines.home().host().ok("ip", half.contains(":") ? "-6" : "-4", "route", verb, half, "dev", Side.DEVICE);
    }
  }

  private static long packetsIntoTheTunnel(Uplinks lines) {
    return Long.parseLong(lines.home().host().ok("cat", "/sys/class/net/wg0/statistics/tx_packets").strip());
  }
}
