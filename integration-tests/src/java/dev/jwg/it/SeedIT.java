package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The seed's section 2, a test for each of its commands and one for all of them: only {@code ip link add dev wg0 type
 * wireguard} has jwg's own command in its place.
 */
@NetworkTest
final class SeedIT {

  @Test
  void createMakesWg0AsIpLinkAddDoes(Lab lab) {
    Host host = withWg0(lab);
    assertEquals("[\"wg0\",1420,\"none\",false]", host.sh("""
        ip -j link show dev wg0 | jq -c '.[] | [.ifname, .mtu, .link_type, any(.flags[]; . == "UP")]'
        """));
    assertEquals("wg0", host.ok("wg", "show", "interfaces"));
    assertEquals("interface: wg0", host.ok("wg", "show", "wg0"));
  }

  @Test
  void anAddressWithItsNetworkIsAdded(Lab lab) {
    Host host = withWg0(lab);
    host.sh("ip address add dev wg0 192.168.2.1/24");
    assertEquals(List.of("[\"192.168.2.1\",null,24]"), addresses(host));
  }

  @Test
  void anAddressWithThatOfThePeerIsAddedBesideTheFirst(Lab lab) {
    Host host = withWg0(lab);
    host.sh("ip address add dev wg0 192.168.2.1/24");
    host.sh("ip address add dev wg0 192.168.2.1 peer 192.168.2.2");
    assertEquals(List.of("[\"192.168.2.1\",\"192.168.2.2\",32]", "[\"192.168.2.1\",null,24]"), addresses(host));
  }

  @ParameterizedTest
  @EnumSource
  void setconfMakesWg0WhatTheFileSays(WgTool wg, Lab lab) {
    Host host = withWg0(lab);
    host.ok("wg", "set", "wg0", "fwmark", "1", "peer", KeyPair.generate().publicKey(), "allowed-ips", "10.0.0.0/8");
    KeyPair keys = KeyPair.generate();
    String peer = KeyPair.generate().publicKey();
    String config = lab.file("myconfig.conf", """
        [Interface]
        PrivateKey = %s
        ListenPort = 51000

        [Peer]
        PublicKey = %s
        AllowedIPs = 192.168.2.2/32
        PersistentKeepalive = 25
        """.formatted(keys.privateKey(), peer)).toString();
    host.ok(wg.command("setconf", "wg0", config));
    assertEquals(List.of(
        List.of(keys.privateKey(), keys.publicKey(), "51000", "off"),
        List.of(peer, "(none)", "(none)", "192.168.2.2/32", "0", "0", "0", "25")), dump(host));
  }

  @ParameterizedTest
  @EnumSource
  void setChangesPortKeyAndPeer(WgTool wg, Lab lab) {
    Host host = withWg0(lab);
    KeyPair keys = KeyPair.generate();
    String key = lab.file("private-key", keys.privateKey()).toString();
    String peer = KeyPair.generate().publicKey();
    host.ok(wg.command("set", "wg0", "listen-port", "51820", "private-key", key, "peer", peer,
        "allowed-ips", "192.168.88.0/24", "endpoint", "209.202.254.14:8172"));
    assertEquals(List.of(
        List.of(keys.privateKey(), keys.publicKey(), "51820", "off"),
        List.of(peer, "(none)", "209.202.254.14:8172", "192.168.88.0/24", "0", "0", "0", "off")), dump(host));
  }

  @Test
  void wg0IsSetUp(Lab lab) {
    Host host = withWg0(lab);
    host.sh("ip address add dev wg0 192.168.2.1/24");
    host.ok("wg", "set", "wg0", "listen-port", "51820");
    assertFalse(activeLinks(host).contains("wg0"));
    host.sh("ip link set up dev wg0");
    assertTrue(activeLinks(host).contains("wg0"));
    assertEquals("192.168.2.0/24", host.sh("ip -j route show dev wg0 | jq -r '.[].dst'"));
    Await.until("the port is open", Jwg.START, () -> host.ok("ss", "-Huln").contains(":51820 "));
  }

  @ParameterizedTest
  @EnumSource
  void allOfThemMakeATunnelToTheNetworkBehindThePeer(WgTool wg, Lab lab) {
    SeedTunnel tunnel = new SeedTunnel(lab, wg);
    Host host = tunnel.jwg().host();
    Await.until("the server is reached", Jwg.START, () -> host.reaches(SeedTunnel.SERVER));
    assertEquals("209.202.254.1:51820", tunnel.other().peerEndpoint());
    assertTrue(tunnel.server().reaches("192.168.2.1"), "the server reaches wg0's address");
  }

  private static Host withWg0(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.run("create", "wg0", "--detach").orFail();
    return jwg.host();
  }

  /** Each IPv4 address of wg0 with its peer's and the prefix length, in the order of their text. */
  private static List<String> addresses(Host host) {
    return host.sh("""
        ip -j -4 address show dev wg0 | jq -c '.[].addr_info[] | [.local, .address, .prefixlen]' | LC_ALL=C sort
        """).lines().toList();
  }

  private static List<List<String>> dump(Host host) {
    return host.ok("wg", "show", "wg0", "dump").lines().map(line -> List.of(line.split("\t", -1))).toList();
  }

  private static List<String> activeLinks(Host host) {
    return host.sh("ip -j link show up | jq -r '.[].ifname // empty'").lines().toList();
  }
}
