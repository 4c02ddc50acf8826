package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A side that {@code jwg up FILE} alone sets up: no other tool has a hand in it. */
@NetworkTest
final class UpIT {

  @ParameterizedTest(name = "{displayName} calling {0}")
  @EnumSource(names = {"JWG", "WIREGUARD_GO"})
  void theFileAloneMakesATunnel(Software responder, Lab lab) {
    String secret = KeyPair.presharedKey();
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, responder)).presharedKeys(secret, secret);
    tunnel.join();
    tunnel.create(tunnel.responder());
    up(lab, tunnel, tunnel.peerOf(tunnel.initiator()));
    for (String address : tunnel.responder().inner()) {
      tunnel.initiator().ping(address);
    }
    for (String address : tunnel.initiator().inner()) {
      tunnel.responder().ping(address);
    }
  }

  /** 198.51.100.1 and 2001:db8:ffff::1 are nowhere but behind the tunnel, whose own datagrams must not enter it. */
  @ParameterizedTest(name = "{displayName} over {0}")
  @EnumSource
  void aDefaultRouteLeadsThroughTheTunnelAndIsTakenBackByDown(Family outer, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).over(outer);
    tunnel.join();
    tunnel.create(tunnel.responder());
    tunnel.responder().host().address("lo", "198.51.100.1/32");
    tunnel.responder().host().address("lo", "2001:db8:ffff::1/128");
    Host host = tunnel.initiator().host();
    String before = host.state();

    Running up = up(lab, tunnel, tunnel.peerOf(tunnel.initiator()) + "AllowedIPs = 0.0.0.0/0, ::/0\n");
    tunnel.initiator().ping("198.51.100.1");
    tunnel.initiator().ping("2001:db8:ffff::1");
    assertTrue(host.reaches("192.0.2.2"), "the cable's own network keeps its route");

    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
    assertEquals(before, host.state());
    assertFalse(host.reaches("198.51.100.1"));
  }

  /** The peer is where only a default route leads: to the strict filter, its datagrams' way back is the tunnel. */
  @Test
  void aDefaultRouteThroughTheTunnelLetsRepliesThroughAStrictReversePathFilter(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    tunnel.create(tunnel.responder());
    tunnel.responder().host().address("lo", "203.0.113.2/32");
    Host host = tunnel.initiator().host();
    host.sh("""
        ip route add default via 192.0.2.2
        echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
        """);

    String peer = tunnel.peerOf(tunnel.initiator()).replace("192.0.2.2", "203.0.113.2");
    up(lab, tunnel, peer + "AllowedIPs = 0.0.0.0/0\n");
    tunnel.initiator().ping(tunnel.responder().inner4());
    host.ok("nft", "delete", "chain", "ip", "wg-quick-wg0", "premangle");
    assertFalse(host.reaches(tunnel.responder().inner4()), "the filter is strict");
  }

  @Test
  void theNameOfAPeerThatMovedIsLookedUpAgain(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    tunnel.create(tunnel.responder());
    Side caller = tunnel.initiator();
    Host moving = tunnel.responder().host();
    String hosts = lab.file("hosts", "192.0.2.2 peer.test\n").toString();
    caller.host().ok("mount", "--bind", hosts, "/etc/hosts");
    String peer = tunnel.peerOf(caller).replaceFirst("Endpoint = .*", "Endpoint = peer.test:51820");
    up(lab, tunnel, peer, "--resolve-interval", "1");
    caller.ping(tunnel.responder().inner4());

    moving.address(Tunnel.OUTER_DEVICE, "192.0.2.33/24");
    moving.ok("ip", "address", "delete", "192.0.2.2/24", "dev", Tunnel.OUTER_DEVICE);
    caller.host().ok("bash", "-c", "echo 192.0.2.33 peer.test >/etc/hosts");
    caller.awaitReach(tunnel.responder().inner4(), Duration.ofSeconds(60));
    assertEquals("192.0.2.33:51820", caller.peerEndpoint());
  }

  private static Running up(Lab lab, Tunnel tunnel, String peer, String... options) {
    Side side = tunnel.initiator();
    String file = lab.file(Side.DEVICE + ".conf",
        side.interfaceSection() + "Address = " + side.inner4() + "/24, " + side.inner6() + "/64\n" + peer).toString();
    List<String> command = new ArrayList<>(Software.jwg("up", file));
    command.addAll(List.of(options));
    Running up = side.host().start(command.toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    return up;
  }
}
