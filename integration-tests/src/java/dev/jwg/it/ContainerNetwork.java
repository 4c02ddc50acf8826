package dev.jwg.it;

/**
 * Two hosts with containers, a tunnel between these, and the internet: a host that joins the two by a switch, is their
 * router, and has an address beyond it.
 */
final class ContainerNetwork {
  static final int TUNNEL_MTU = 1420;

  private static final String ROUTER4 = "192.0.2.254";
  private static final String ROUTER6 = "2001:db8::254";

  /** The router's interface, which sees all that passes between the two hosts. */
  private static final String UNDERLAY = "underlay";

  private final Host internet;
  private final ContainerHost left;
  private final ContainerHost right;

  ContainerNetwork(Lab lab, Pair pair) {
    internet = lab.host("internet");
    left = new ContainerHost(lab, pair.initiator(), 1);
    right = new ContainerHost(lab, pair.responder(), 2);
    startInternet();
    join(lab, left, "port1");
    join(lab, right, "port2");
    left.connect(right);
    right.connect(left);
  }

  private void startInternet() {
    internet.ok("ip", "link", "add", UNDERLAY, "type", "bridge");
    internet.ok("ip", "link", "set", UNDERLAY, "up");
    internet.address(UNDERLAY, ROUTER4 + "/24");
    internet.address(UNDERLAY, ROUTER6 + "/64");
    internet.address("lo", internet(Family.IPV4));
    internet.address("lo", internet(Family.IPV6));
  }

  private void join(Lab lab, ContainerHost side, String port) {
    lab.cable(side.gateway().host(), "eth0", internet, port);
    internet.ok("ip", "link", "set", port, "master", UNDERLAY);
    side.joinUnderlay(ROUTER4, ROUTER6);
  }

  static String internet(Family family) {
    return family == Family.IPV4 ? "198.51.100.1" : "2001:db8:1::1";
  }

  ContainerHost left() {
    return left;
  }

  ContainerHost right() {
    return right;
  }

  Outside outside() {
    return new Outside(internet, UNDERLAY);
  }

  /** Starts to print what the internet sees of ping. */
  Capture internetPings() {
    return new Capture(internet, UNDERLAY, "icmp or icmp6");
  }
}
