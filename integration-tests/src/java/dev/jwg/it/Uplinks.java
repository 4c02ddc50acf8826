package dev.jwg.it;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A tunnel whose one end, at home, has two uplinks to the router that the far end is behind:
 *
 * <pre>
 * home ─ e0 10.1.0.2 ──── 10.1.0.1 c0 ─ router ─ eth0 10.9.0.1 ── 10.9.0.2 eth0 ─ far
 *      └ e1 10.2.0.2 ──── 10.2.0.1 c1 ─┘
 * </pre>
 *
 * <p>In IPv6 the networks are fd01::/64, fd02::/64 and fd09::/64. Home's default route is by e0, and a worse one by e1.
 */
final class Uplinks {
  private static final Duration SEEN = Duration.ofSeconds(10);
  private static final int PINGS = 3;
  private static final int SIZE = 1000;

  private final Lab lab;
  private final Family family;
  private final Host router;
  private final Side home;
  private final Side far;

  /** Cables the hosts; no side is started. */
  Uplinks(Lab lab, Family family, Software homeSoftware, Software farSoftware) {
    this.lab = lab;
    this.family = family;
    home = new Side(lab, lab.host("home", homeSoftware), homeSoftware, 1);
    router = lab.hostBeside(home.host(), "router");
    far = new Side(lab, lab.host("far", farSoftware), farSoftware, 2);
    plugUplink(0, "e0");
    plugUplink(1, "e1");
    lab.outside().plug(router, Tunnel.OUTER_DEVICE, Switch.BRIDGE);
    lab.outside().plug(far.host(), Tunnel.OUTER_DEVICE, Switch.BRIDGE);
    address(router, Tunnel.OUTER_DEVICE, 9, 1);
    address(far.host(), Tunnel.OUTER_DEVICE, 9, 2);
    router.sh("""
        echo 1 >/proc/sys/net/ipv4/ip_forward
        echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
        """);
    for (String version : List.of("-4", "-6")) {
      String via = version.equals("-4") ? "10.9.0.1" : "fd09::1";
      far.host().ok("ip", version, "route", "add", "default", "via", via);
    }
    defaultBy(0);
    home.host().sh("""
        ip -4 route add default via 10.2.0.1 dev e1 metric 2000
        ip -6 route add default via fd02::1 dev e1 metric 2000
        """);
  }

  Side home() {
    return home;
  }

  Side far() {
    return far;
  }

  Host router() {
    return router;
  }

  /** A cable for an uplink, with its addresses on both ends. */
  void plugUplink(int uplink, String device) {
    lab.cable(home.host(), device, router, "c" + uplink);
    address(home.host(), device, uplink + 1, 2);
    address(router, "c" + uplink, uplink + 1, 1);
  }

  private static void address(Host host, String device, int network, int number) {
    host.address(device, "10." + network + ".0." + number + "/24");
    host.address(device, "fd0" + network + "::" + number + "/64");
  }

  /** Starts both sides; the initiator alone knows where the other is. */
  Uplinks start(boolean homeInitiates) {
    return start(homeInitiates, address(homeInitiates ? 9 : 1, 2));
  }

  /** Starts both sides; the initiator calls an address. */
  Uplinks start(boolean homeInitiates, String called) {
    return start(homeInitiates, called, "");
  }

  /** The same with more in the initiator's section on its peer. */
  Uplinks start(boolean homeInitiates, String called, String more) {
    for (Side side : List.of(home, far)) {
      Side other = side == home ? far : home;
      side.create();
      boolean initiates = (side == home) == homeInitiates;
      String calling = "Endpoint = " + Tunnel.endpoint(called) + "\n" + more;
      side.configure(Tunnel.peer(other) + (initiates ? calling : ""));
      side.up(1400);
    }
    return this;
  }

  /** The address with a number in one of the networks 1, 2 and 9, of the family that the tunnel is over. */
  String address(int network, int number) {
    return family == Family.IPV4 ? "10." + network + ".0." + number : "fd0" + network + "::" + number;
  }

  String prefix(int network, int number) {
    return address(network, number) + (family == Family.IPV4 ? "/24" : "/64");
  }

  /** {@code ip}, told the family. */
  List<String> ip(String words) {
    return Stream.concat(Stream.of("ip", family == Family.IPV4 ? "-4" : "-6"), Stream.of(words.split(" "))).toList();
  }

  /** Runs {@code ip} at home. */
  void atHome(String words) {
    home.host().ok(ip(words).toArray(String[]::new));
  }

  /** Home's default route goes by an uplink from now on. */
  void defaultBy(int uplink) {
    for (String version : List.of("-4", "-6")) {
      String via = version.equals("-4") ? "10.%d.0.1" : "fd0%d::1";
      home.host().ok("ip", version, "route", "replace", "default",
          "via", via.formatted(uplink + 1), "dev", "e" + uplink);
    }
  }

  /** Home reaches the far end, as {@link Host#assertReaches} says. */
  void assertReaches(String after) {
    home.host().assertReaches(far.inner4(), after);
  }

  /**
   * Home's datagrams reach the far end, but for one ping, and leave by one uplink from one address alone.
   *
   * @param source the number of the address in the uplink's network
   */
  void assertLeavesBy(String after, int uplink, int source) {
    assertReaches(after);
    String endpoint = Tunnel.endpoint(address(uplink + 1, source));
    Await.until("after " + after + " home is at " + endpoint + ", not at " + far.peerEndpoint(), SEEN, () -> {
      home.host().reaches(far.inner4());
      return far.peerEndpoint().equals(endpoint);
    });
    assertLeavesBy(after, uplink);
  }

  /** Home's datagrams leave by one uplink alone. */
  void assertLeavesBy(String after, int uplink) {
    long rightBefore = received(uplink);
    long wrongBefore = received(1 - uplink);
    for (int ping = 0; ping < PINGS; ping++) {
      home.ping(far.inner4(), SIZE);
    }
    long right = received(uplink) - rightBefore;
    long wrong = received(1 - uplink) - wrongBefore;
    Lab.check(right >= PINGS * SIZE && wrong < PINGS * SIZE,
        "after " + after + " " + right + " bytes left by e" + uplink + " and " + wrong + " by the other");
  }

  /** Returns the number of bytes that came to the router by an uplink. */
  private long received(int uplink) {
    String file = "/sys/class/net/c" + uplink + "/statistics/rx_bytes";
    return Long.parseLong(router.sh("cat " + file + " 2>/dev/null || echo 0").strip());
  }
}
