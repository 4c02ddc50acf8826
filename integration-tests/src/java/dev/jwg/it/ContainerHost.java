package dev.jwg.it;

/**
 * A host with two containers on its bridge, between an underlay on eth0 and a tunnel on wg0. Containers go out to the
 * underlay under the host's address, and into the tunnel under their own.
 */
final class ContainerHost {
  private final Side gateway;
  private final Bridge bridge;
  private final Host first;
  private final Host second;

  ContainerHost(Lab lab, Software software, int number) {
    gateway = new Side(lab, lab.host("host " + number), software, number);
    bridge = new Bridge(lab, host(), number);
    first = bridge.addContainer("container " + number + ".2", 2);
    second = bridge.addContainer("container " + number + ".3", 3);
  }

  /** Joins eth0, whose cable is there, to the underlay, behind which the router knows everything else. */
  void joinUnderlay(String router4, String router6) {
    host().address("eth0", gateway.outer(Family.IPV4) + "/24");
    host().address("eth0", gateway.outer(Family.IPV6) + "/64");
    host().ok("ip", "route", "add", "default", "via", router4);
    host().ok("ip", "route", "add", "default", "via", router6);
    host().sh("""
        nft add table inet nat
        nft add chain inet nat postrouting '{ type nat hook postrouting priority 100; }'
        nft add rule inet nat postrouting oifname eth0 ip saddr %s masquerade
        nft add rule inet nat postrouting oifname eth0 ip6 saddr %s masquerade
        """.formatted(bridge.network4(), bridge.network6()));
  }

  /** Starts the tunnel to the other host and routes to its containers. */
  void connect(ContainerHost other) {
    gateway.create();
    gateway.configure("""
        [Peer]
        PublicKey = %s
        AllowedIPs = %s, %s
        Endpoint = %s
        """.formatted(other.gateway.publicKey(), other.bridge.network4(), other.bridge.network6(),
            Tunnel.endpoint(other.gateway.outer(Family.IPV4))));
    gateway.up(ContainerNetwork.TUNNEL_MTU);
    host().ok("ip", "route", "add", other.bridge.network4(), "dev", Side.DEVICE);
    host().ok("ip", "route", "add", other.bridge.network6(), "dev", Side.DEVICE);
  }

  private Host host() {
    return gateway.host();
  }

  Side gateway() {
    return gateway;
  }

  Bridge bridge() {
    return bridge;
  }

  Host first() {
    return first;
  }

  Host second() {
    return second;
  }

  String first(Family family) {
    return family == Family.IPV4 ? bridge.address4(2) : bridge.address6(2);
  }

  String second(Family family) {
    return family == Family.IPV4 ? bridge.address4(3) : bridge.address6(3);
  }
}
