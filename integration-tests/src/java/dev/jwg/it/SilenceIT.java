package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interface without traffic causes none, although its peer is allowed every address. */
@NetworkTest
final class SilenceIT {
  /** Linux sends the first router solicitation at once and the first multicast report within a second. */
  private static final Duration OBSERVED = Duration.ofSeconds(2);

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String QUIET_FLAGS = "<POINTOPOINT,NOARP,UP,LOWER_UP>";
  private static final String NO_REPLY = "10.99.0.1";

  /** The kernel's module stands for itself: what it does is what the others are held to. */
  @ParameterizedTest
  @EnumSource(value = Software.class, names = {"JWG", "KERNEL_NEWEST"})
  void anIdleInterfaceSendsNothingWhateverIsDoneToIt(Software software, Lab lab) {
    Side side = new Side(lab, lab.host("idle", software), software, 1);
    Capture datagrams = plug(lab, side.host());
    side.create();
    side.configure(peer());
    side.up(1420);
    assertSilent(side.host(), datagrams);

    String link = side.host().ok("ip", "link", "show", "dev", side.device());
    assertTrue(link.contains(QUIET_FLAGS) && link.contains(" mtu 1420 "), link);

    side.host().sh("ip link set wg0 down; ip link set wg0 up");
    assertSilent(side.host(), datagrams);

    // Below 1280 bytes, the kernel takes IPv6 and its settings off the interface.
    side.host().sh("ip link set wg0 down; ip link set wg0 mtu 1200; ip link set wg0 mtu 1300");
    awaitNoAddressGeneration(side);
    side.host().sh("ip link set wg0 up; ip link set wg0 mtu 1350; ip address add dev wg0 fd08::9/64");
    assertSilent(side.host(), datagrams);

    Host guest = lab.hostBeside(side.host(), "guest");
    lab.moveLink(Side.DEVICE, side.host(), guest);
    awaitNoAddressGeneration(guest, side);
    guest.sh("ip address add dev wg0 10.8.0.1/24; ip address add dev wg0 fd08::1/64; ip link set wg0 up");
    assertSilent(guest, datagrams);

    assertTalks(guest, datagrams);
  }

  /** A program learns what was done after it was done; the kernel's module sets this when it is set up. */
  private static void awaitNoAddressGeneration(Side side) {
    awaitNoAddressGeneration(side.host(), side);
  }

  private static void awaitNoAddressGeneration(Host host, Side side) {
    if (!side.inKernel()) {
      Await.until("no address generation", LIMIT,
          () -> host.ok("ip", "-d", "link", "show", "dev", "wg0").contains(" addrgenmode none "));
    }
  }

  /** As a container has it: no IPv6 on the host, and a read-only /proc/sys. */
  @Test
  void anEndpointStartsWithoutIpv6AndAUserMaySwitchMulticastOn(Lab lab) {
    Host host = lab.host("idle");
    Capture datagrams = plug(lab, host);
    host.sh("""
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
        echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
        echo 1 >/proc/sys/net/ipv4/conf/all/src_valid_mark
        mount --bind /proc/sys /proc/sys
        mount -o remount,bind,ro /proc/sys
        """);
    Running up = up(lab, host, "10.8.0.1/24");
    assertSilent(host, datagrams);

    host.ok("ip", "link", "set", "wg0", "multicast", "on");
    host.sh("ip link set wg0 down; ip link set wg0 up");
    String link = host.ok("ip", "link", "show", "dev", "wg0");
    assertTrue(link.contains("<POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP>"), link);
    assertTalks(host, datagrams);
    assertFalse(up.output().contains("by itself"), up.output());
  }

  @Test
  void aFullTunnelSendsNothingByItself(Lab lab) {
    Host host = lab.host("idle");
    Capture datagrams = plug(lab, host);
    up(lab, host, "10.8.0.1/24, fd08::1/64");
    assertSilent(host, datagrams);
    assertTalks(host, datagrams);
  }

  private static Running up(Lab lab, Host host, String addresses) {
    String file = lab.file("wg0.conf", "[Interface]\nPrivateKey = " + KeyPair.generate().privateKey()
        + "\nListenPort = " + Side.PORT + "\nAddress = " + addresses + "\n" + peer()).toString();
    Running up = host.start(Software.jwg("up", file).toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    return up;
  }

  /** Also shows that the tests above see what they say is not there. */
  @Test
  void anInterfaceMadeBeforehandKeepsWhatItsMakerChose(Lab lab) {
    Side side = new Side(lab, lab.host("talkative"), Software.JWG, 1);
    Capture datagrams = plug(lab, side.host());
    side.host().ok("ip", "tuntap", "add", "wg0", "mode", "tun");
    side.create();
    side.configure(peer());
    side.up(1420);
    String link = side.host().ok("ip", "-d", "address", "show", "dev", "wg0");
    assertTrue(link.contains("MULTICAST") && link.contains(" inet6 fe80::"), link);
    Await.until("a router solicitation asks for a handshake", LIMIT, () -> !datagrams.packets().isEmpty());
  }

  /** Gives a host an uplink with the peer's address on its link, and captures what it sends there. */
  private static Capture plug(Lab lab, Host host) {
    Host server = lab.host("server");
    for (Host each : new Host[] {host, server}) {
      lab.outside().plug(each, Tunnel.OUTER_DEVICE, Switch.BRIDGE);
    }
    host.address(Tunnel.OUTER_DEVICE, "192.0.2.1/24");
    server.address(Tunnel.OUTER_DEVICE, "192.0.2.2/24");
    return new Capture(lab.outside().host(), Switch.BRIDGE, "udp and src 192.0.2.1");
  }

  private static String peer() {
    return "[Peer]\nPublicKey = " + KeyPair.generate().publicKey() + "\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = "
        + Tunnel.endpoint("192.0.2.2") + "\n";
  }

  private static void assertSilent(Host host, Capture datagrams) {
    Await.still("what wg0 and the link carried", OBSERVED, LIMIT,
        () -> host.sh("cat /sys/class/net/wg0/statistics/tx_packets") + datagrams.packets());
    assertEquals("0", host.sh("cat /sys/class/net/wg0/statistics/tx_packets").strip(), "packets from the kernel");
    assertEquals("", datagrams.packets().toString().replaceAll("[\\[\\]]", ""), "datagrams");
    assertFalse(host.ok("ip", "-6", "address", "show", "dev", "wg0").contains("fe80:"), "link-local address");
  }

  /** The captures work: one ping makes datagrams. */
  private static void assertTalks(Host host, Capture datagrams) {
    host.sh("ip route replace " + NO_REPLY + " dev wg0");
    host.reaches(NO_REPLY);
    datagrams.awaitSeen(LIMIT, "192.0.2.1." + Side.PORT + " > 192.0.2.2." + Side.PORT);
  }
}
