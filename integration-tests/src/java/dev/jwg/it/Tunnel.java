package dev.jwg.it;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Two sides and the switch between them. Configure, then start it in one of the shapes that it has. */
final class Tunnel {
  /** Either host's interface on the switch. */
  static final String OUTER_DEVICE = "eth0";

  private static final int DEFAULT_MTU = 1420;
  private static final Object TURN = new Object();

  private final Lab lab;
  private final Side initiator;
  private final Side responder;
  private Family outer = Family.IPV4;
  private String initiatorSecret = "";
  private String responderSecret = "";
  private int mtu = DEFAULT_MTU;
  private int keepaliveSeconds;

  Tunnel(Lab lab, Pair pair) {
    this(lab, new Side(lab, lab.host("initiator", pair.initiator()), pair.initiator(), 1),
        new Side(lab, lab.host("responder", pair.responder()), pair.responder(), 2));
  }

  private Tunnel(Lab lab, Side initiator, Side responder) {
    this.lab = lab;
    this.initiator = initiator;
    this.responder = responder;
  }

  /** Starts another tunnel between the same hosts. */
  Tunnel another() {
    Tunnel another = new Tunnel(lab, initiator.beside(1), responder.beside(1));
    another.createSides();
    return another;
  }

  Tunnel over(Family family) {
    outer = family;
    return this;
  }

  Tunnel presharedKeys(String ofInitiator, String ofResponder) {
    initiatorSecret = "PresharedKey = " + ofInitiator + "\n";
    responderSecret = "PresharedKey = " + ofResponder + "\n";
    return this;
  }

  Tunnel mtu(int bytes) {
    mtu = bytes;
    return this;
  }

  /** The initiator sends keepalives to keep a NAT's mapping. */
  Tunnel keepalive(int seconds) {
    keepaliveSeconds = seconds;
    return this;
  }

  Side initiator() {
    return initiator;
  }

  Side responder() {
    return responder;
  }

  /** The host on which everything between the sides passes {@link Switch#BRIDGE}. */
  Host switchHost() {
    return lab.outside().host();
  }

  List<Side> sides() {
    return List.of(initiator, responder);
  }

  Side otherThan(Side side) {
    return side == initiator ? responder : initiator;
  }

  /** Starts to print what passes between the hosts, outside of the tunnel. */
  Capture outside(String filter) {
    return new Capture(switchHost(), Switch.BRIDGE, filter);
  }

  /** A host that can send to the responder's IPv4 address and has no part in the tunnel. */
  Host outsider() {
    Host outsider = lab.host("outsider");
    lab.outside().plug(outsider, OUTER_DEVICE, Switch.BRIDGE);
    outsider.address(OUTER_DEVICE, "192.0.2.100/24");
    return outsider;
  }

  /** Tells the responder, too, where its peer is. */
  void introduceInitiator() {
    responder.set("peer", initiator.publicKey(), "endpoint", endpoint(initiator.outer(outer)));
  }

  /** Plugs the hosts into the switch and starts both sides. */
  Tunnel start() {
    join();
    createSides();
    return this;
  }

  /**
   * Makes and starts one tunnel at a time: for tests that wait together but would stand in each other's way while their
   * programs start.
   */
  static Tunnel startInTurn(Supplier<Tunnel> tunnel) {
    synchronized (TURN) {
      return tunnel.get().start();
    }
  }

  /** Plugs both hosts into the switch's bridge. */
  void join() {
    for (Side side : sides()) {
      lab.outside().plug(side.host(), OUTER_DEVICE, Switch.BRIDGE);
      side.host().address(OUTER_DEVICE, side.outer(Family.IPV4) + "/24");
      side.host().address(OUTER_DEVICE, side.outer(Family.IPV6) + "/64");
    }
  }

  /**
   * Puts a router between the hosts that hides the initiator behind its own address 192.0.2.254 and forgets a silent
   * UDP mapping after so many seconds.
   */
  void startBehindNat(int mappingSeconds) {
    Host router = lab.host("router");
    lab.outside().plug(initiator.host(), OUTER_DEVICE, Switch.HIDDEN);
    lab.outside().plug(router, "inside", Switch.HIDDEN);
    lab.outside().plug(router, "outside", Switch.BRIDGE);
    lab.outside().plug(responder.host(), OUTER_DEVICE, Switch.BRIDGE);
    initiator.host().address(OUTER_DEVICE, "10.1.0.2/24");
    router.address("inside", "10.1.0.1/24");
    initiator.host().ok("ip", "route", "add", "default", "via", "10.1.0.1");
    router.address("outside", "192.0.2.254/24");
    responder.host().address(OUTER_DEVICE, responder.outer(Family.IPV4) + "/24");
    router.sh("""
        nft add table ip nat
        nft add chain ip nat postrouting '{ type nat hook postrouting priority 100; }'
        nft add rule ip nat postrouting oifname outside masquerade
        nft add table ip filter
        nft add chain ip filter forward '{ type filter hook forward priority 0; policy drop; }'
        nft add rule ip filter forward ct state established,related accept
        nft add rule ip filter forward iifname inside accept
        echo 1 >/proc/sys/net/ipv4/ip_forward
        for name in udp_timeout udp_timeout_stream; do
          echo %d >/proc/sys/net/netfilter/nf_conntrack_$name
        done
        """.formatted(mappingSeconds));
    createSides();
  }

  private void createSides() {
    for (Side side : sides()) {
      create(side);
    }
  }

  /** Starts a side's program and configures it as the tunnel is; also after it was stopped. */
  void create(Side side) {
    side.create();
    side.configure(peerOf(side));
    side.up(mtu);
  }

  /** The [Peer] section of a side's configuration; it has an endpoint only on the initiator. */
  String peerOf(Side side) {
    if (side == initiator) {
      String endpoint = endpoint(responder.outer(outer), responder.port());
      return peer(responder) + initiatorSecret
          + "Endpoint = " + endpoint + "\nPersistentKeepalive = " + keepaliveSeconds + "\n";
    }
    return peer(initiator) + responderSecret;
  }

  /** A [Peer] section without an endpoint or a preshared key. */
  static String peer(Side peer) {
    return "[Peer]\nPublicKey = " + peer.publicKey() + "\nAllowedIPs = " + peer.inner4() + ", " + peer.inner6() + "\n";
  }

  /** An outer address with the port that every side's wg0 listens on. */
  static String endpoint(String address) {
    return endpoint(address, Side.PORT);
  }

  private static String endpoint(String address, int port) {
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
  }

  /** The initiator's first ping makes the session. */
  Tunnel connect() {
    initiator.awaitReach(responder.inner4(), Duration.ofSeconds(20));
    return this;
  }
}
