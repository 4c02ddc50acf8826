package dev.jwg.it;

/**
 * The tunnel of the seed's section 2: jwg's wg0 on one host, configured by the seed's commands, and a server in the
 * network 192.168.88.0/24 behind the other end. The other end, 209.202.254.14:8172, is a host of the lab as well.
 */
final class SeedTunnel {
  /** The server behind the other end. */
  static final String SERVER = "192.168.88.2";

  private final Lab lab;
  private final Jwg jwg;
  private final KeyPair keys = KeyPair.generate();
  private final Side other;
  private final Host server;
  private final Running endpoint;

  SeedTunnel(Lab lab, WgTool wg) {
    this.lab = lab;
    jwg = new Jwg(lab);
    other = new Side(lab, lab.host("other"), Software.WIREGUARD_GO, 2);
    server = lab.host("server");
    startOther();
    endpoint = jwg.startReady("create", "wg0");
    configure(wg);
  }

  private void startOther() {
    lab.cable(jwg.host(), "eth0", other.host(), "eth0");
    lab.cable(other.host(), "eth1", server, "eth0");
    jwg.host().address("eth0", "209.202.254.1/24");
    server.sh("""
        ip address add dev eth0 192.168.88.2/24
        ip route add default via 192.168.88.1
        """);
    other.create();
    other.configure("[Peer]\nPublicKey = " + keys.publicKey() + "\nAllowedIPs = 192.168.2.1, 10.1.1.0/24\n");
    other.set("listen-port", "8172");
    other.host().sh("""
        ip address add dev eth0 209.202.254.14/24
        ip address add dev eth1 192.168.88.1/24
        ip address add dev wg0 192.168.2.2 peer 192.168.2.1
        ip link set up dev wg0
        ip route add 10.1.1.0/24 dev wg0
        echo 1 >/proc/sys/net/ipv4/ip_forward
        """);
  }

  /** The seed's commands in their order, and the route that they leave to the reader. */
  private void configure(WgTool wg) {
    Host host = jwg.host();
    host.sh("""
        ip address add dev wg0 192.168.2.1/24
        ip address add dev wg0 192.168.2.1 peer 192.168.2.2
        """);
    String config = lab.file("myconfig.conf", "[Interface]\nListenPort = 51000\n").toString();
    String key = lab.file("private-key", keys.privateKey()).toString();
    host.ok(wg.command("setconf", "wg0", config));
    host.ok(wg.command("set", "wg0", "listen-port", "51820", "private-key", key, "peer", other.publicKey(),
        "allowed-ips", "192.168.88.0/24", "endpoint", "209.202.254.14:8172"));
    host.sh("""
        ip link set up dev wg0
        ip route add 192.168.88.0/24 dev wg0
        """);
  }

  Jwg jwg() {
    return jwg;
  }

  /** The process behind wg0. */
  Running endpoint() {
    return endpoint;
  }

  Side other() {
    return other;
  }

  Host server() {
    return server;
  }
}
