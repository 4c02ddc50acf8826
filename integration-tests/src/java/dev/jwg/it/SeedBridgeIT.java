package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The seed's section 3 on the host of its section 2: a bridge beside wg0, with routing between the two. */
@NetworkTest
final class SeedBridgeIT {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  @Test
  void hostsOnTheBridgeReachEachOtherAndTheBridgeSeesHow(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts bridge = new BridgedHosts(lab, tunnel.jwg().host());
    assertEquals(List.of("tap0", "veth0"), bridge.ports());
    Capture capture = bridge.capture();
    awaitReach(bridge.container(), BridgedHosts.MACHINE);
    capture.awaitSeen(ANSWER,
        "ARP, Request who-has 10.1.1.3 tell 10.1.1.2",
        "ARP, Reply 10.1.1.3 is-at",
        "IP 10.1.1.2 > 10.1.1.3: ICMP echo request",
        "IP 10.1.1.3 > 10.1.1.2: ICMP echo reply");
  }

  @Test
  void hostsOnTheBridgeReachTheServerBehindTheTunnelAndTheBridgeSeesHow(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts bridge = new BridgedHosts(lab, tunnel.jwg().host());
    Capture capture = bridge.capture();
    awaitReach(bridge.container(), SeedTunnel.SERVER);
    awaitReach(bridge.machine(), SeedTunnel.SERVER);
    capture.awaitSeen(ANSWER,
        "ARP, Request who-has 10.1.1.1 tell 10.1.1.2",
        "ARP, Reply 10.1.1.1 is-at 02:00:00:00:00:01",
        "IP 10.1.1.2 > 192.168.88.2: ICMP echo request",
        "IP 192.168.88.2 > 10.1.1.2: ICMP echo reply",
        "IP 10.1.1.3 > 192.168.88.2: ICMP echo request",
        "IP 192.168.88.2 > 10.1.1.3: ICMP echo reply");
  }

  @Test
  void takingAnInterfaceOutOfTheBridgeHarmsNoOther(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts bridge = new BridgedHosts(lab, tunnel.jwg().host());
    awaitReach(bridge.machine(), SeedTunnel.SERVER);
    Pings ofHost = new Pings(tunnel.jwg().host(), SeedTunnel.SERVER);
    Pings ofContainer = new Pings(bridge.container(), SeedTunnel.SERVER);
    ofContainer.awaitMore(ANSWER);

    bridge.release("tap0");
    assertEquals(List.of("veth0"), bridge.ports());
    assertFalse(bridge.machine().reaches(SeedTunnel.SERVER));
    assertUnharmed(ofContainer);

    bridge.enslave("tap0");
    awaitReach(bridge.machine(), SeedTunnel.SERVER);
    Pings ofMachine = new Pings(bridge.machine(), SeedTunnel.SERVER);
    ofMachine.awaitMore(ANSWER);
    bridge.release("veth0");
    assertEquals(List.of("tap0"), bridge.ports());
    assertFalse(bridge.container().reaches(SeedTunnel.SERVER));
    assertUnharmed(ofMachine);

    bridge.release("tap0");
    assertUnharmed(ofHost);
  }

  /** Only interfaces that carry Ethernet can be ports. */
  @Test
  void theBridgeRefusesWg0AsItDoesTheKernels(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.run("create", "wg0", "--detach").orFail();
    jwg.host().ok("ip", "link", "add", "br0", "type", "bridge");
    Result enslave = jwg.host().run("ip", "link", "set", "wg0", "master", "br0");
    assertTrue(enslave.output().contains("Invalid argument"), enslave::toString);
    jwg.host().ok("wg", "show", "wg0");
  }

  @Test
  void deletingEverythingInTheSeedsOrderLeavesNothing(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    Host host = tunnel.jwg().host();
    BridgedHosts bridge = new BridgedHosts(lab, host);
    awaitReach(bridge.container(), SeedTunnel.SERVER);
    host.sh("""
        ip link set down dev wg0
        ip address del dev wg0 192.168.2.1/24
        ip address del dev wg0 192.168.2.1 peer 192.168.2.2
        ip link set tap0 nomaster
        ip link set veth0 nomaster
        ip link delete dev tap0
        ip link delete dev veth0
        ip link set br0 down
        ip link delete dev br0
        """);
    assertEquals(tunnel.other().publicKey(), host.ok("wg", "show", "wg0", "peers"), "wg0 is down, not gone");
    host.sh("ip link delete dev wg0");
    tunnel.endpoint().awaitExit(Jwg.STOP).orFail();
    host.sh("ip link delete dev eth0");
    tunnel.jwg().awaitNothingLeft();
  }

  private static void awaitReach(Host from, String address) {
    Await.until(from.name() + " reaches " + address, ANSWER, () -> from.reaches(address));
  }

  private static void assertUnharmed(Pings pings) {
    pings.awaitMore(ANSWER);
    assertEquals(0, pings.lost(), "pings without an answer");
  }
}
