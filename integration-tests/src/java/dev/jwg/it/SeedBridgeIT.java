package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The seed's section 3 on the host of its section 2: a bridge beside wg0, with routing between the two. */
@NetworkTest
final class SeedBridgeIT {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  @Test
  void hostsOnTheBridgeReachEachOtherAndTheBridgeSeesHow(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts hosts = new BridgedHosts(lab, tunnel.jwg().host());
    assertEquals(List.of("tap0", "veth0", "veth1"), hosts.bridge().ports());
    Capture capture = hosts.bridge().capture();
    hosts.container().awaitReach(BridgedHosts.MACHINE, ANSWER);
    capture.awaitSeen(ANSWER,
        "ARP, Request who-has 10.1.1.3 tell 10.1.1.2",
        "ARP, Reply 10.1.1.3 is-at",
        "IP 10.1.1.2 > 10.1.1.3: ICMP echo request",
        "IP 10.1.1.3 > 10.1.1.2: ICMP echo reply");
  }

  @Test
  void hostsOnTheBridgeReachTheServerBehindTheTunnelAndTheBridgeSeesHow(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts hosts = new BridgedHosts(lab, tunnel.jwg().host());
    Capture capture = hosts.bridge().capture();
    hosts.container().awaitReach(SeedTunnel.SERVER, ANSWER);
    hosts.machine().awaitReach(SeedTunnel.SERVER, ANSWER);
    capture.awaitSeen(ANSWER,
        "ARP, Request who-has 10.1.1.1 tell 10.1.1.2",
        "ARP, Request who-has 10.1.1.1 tell 10.1.1.3",
        "ARP, Reply 10.1.1.1 is-at 02:00:00:00:00:01",
        "IP 10.1.1.2 > 192.168.88.2: ICMP echo request",
        "IP 192.168.88.2 > 10.1.1.2: ICMP echo reply",
        "IP 10.1.1.3 > 192.168.88.2: ICMP echo request",
        "IP 192.168.88.2 > 10.1.1.3: ICMP echo reply");
  }

  @Test
  void outsideOfTheTunnelThereIsOnlyWireGuard(Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts hosts = new BridgedHosts(lab, tunnel.jwg().host());
    Outside outside = new Outside(tunnel.other().host(), "eth0");
    hosts.container().awaitReach(SeedTunnel.SERVER, ANSWER);
    hosts.machine().awaitReach(SeedTunnel.SERVER, ANSWER);
    tunnel.server().awaitReach(BridgedHosts.CONTAINER, ANSWER);
    tunnel.server().awaitReach(BridgedHosts.MACHINE, ANSWER);
    outside.awaitWireGuard("209.202.254.1", "209.202.254.14");
    outside.awaitWireGuard("209.202.254.14", "209.202.254.1");
    outside.assertNothingElse(tunnel.jwg().host(), "209.202.254.1", "209.202.254.14");
  }

  @ParameterizedTest
  @CsvSource({"tap0, veth1", "veth1, tap0"})
  void takingAnInterfaceOutOfTheBridgeAndBackHarmsNoOther(String leaving, String staying, Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, WgTool.STOCK);
    BridgedHosts hosts = new BridgedHosts(lab, tunnel.jwg().host());
    Bridge bridge = hosts.bridge();
    Host leaver = hosts.behind(leaving);
    Host stayer = hosts.behind(staying);
    leaver.awaitReach(SeedTunnel.SERVER, ANSWER);
    stayer.awaitReach(SeedTunnel.SERVER, ANSWER);
    ContainerStream stream = new ContainerStream(hosts.container(), tunnel.server());
    List<Pings> others = List.of(
        new Pings(tunnel.jwg().host(), SeedTunnel.SERVER),
        new Pings(stayer, SeedTunnel.SERVER),
        new Pings(stayer, BridgedHosts.CONTAINER));
    assertUnharmed(others, stream);

    bridge.release(leaving);
    assertEquals(Set.of("veth0", staying), Set.copyOf(bridge.ports()));
    assertFalse(leaver.reaches(SeedTunnel.SERVER));
    assertUnharmed(others, stream);

    bridge.enslave(leaving);
    leaver.awaitReach(SeedTunnel.SERVER, ANSWER);
    assertUnharmed(others, stream);
    stream.finish();
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
    BridgedHosts hosts = new BridgedHosts(lab, host);
    hosts.container().awaitReach(SeedTunnel.SERVER, ANSWER);
    host.sh("""
        ip link set down dev wg0
        ip address del dev wg0 192.168.2.1/24
        ip address del dev wg0 192.168.2.1 peer 192.168.2.2
        ip link set tap0 nomaster
        ip link set veth0 nomaster
        ip link set veth1 nomaster
        ip link delete dev tap0
        ip link delete dev veth0
        ip link delete dev veth1
        ip link set br0 down
        ip link delete dev br0
        """);
    assertEquals(tunnel.other().publicKey(), host.ok("wg", "show", "wg0", "peers"), "wg0 is down, not gone");
    host.sh("ip link delete dev wg0");
    tunnel.endpoint().awaitExit(Jwg.STOP).orFail();
    host.sh("ip link delete dev eth0");
    tunnel.jwg().awaitNothingLeft();
  }

  private static void assertUnharmed(List<Pings> pings, ContainerStream stream) {
    stream.awaitMore();
    for (Pings each : pings) {
      each.awaitMore(ANSWER);
      assertEquals(0, each.lost(), each + " has lost answers");
    }
  }

  /** A TCP connection to the server that does not end by itself, and so slow that pings have room beside it. */
  private static final class ContainerStream {
    private static final long MORE_BYTES = 1 << 20;

    private final Host server;
    private final Transfer transfer;

    ContainerStream(Host container, Host server) {
      this.server = server;
      container.ok("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "20mbit", "burst", "16kb",
          "latency", "100ms");
      transfer = Transfer.endless(container, server, SeedTunnel.SERVER);
    }

    /** Returns once more has arrived than a window that was on its way. */
    void awaitMore() {
      long before = received();
      Await.until("the stream goes on", ANSWER, () -> received() - before > MORE_BYTES);
    }

    private long received() {
      return Long.parseLong(server.ok("cat", "/sys/class/net/eth0/statistics/rx_bytes"));
    }

    void finish() {
      transfer.finish(ANSWER);
    }
  }
}
