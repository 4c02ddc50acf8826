package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Outer addresses change, hide and vanish, and interfaces move; the tunnel stays. */
@NetworkTest
final class MovementIT {
  /** For what takes its time because it is set to: no bound on silence. */
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Two retries of a handshake, whitepaper section 6.1: 5.334 s each at most. */
  private static final Duration TWO_RETRIES = Duration.ofSeconds(12);

  private static final int NAT_SECONDS = 2;

  @EachPair
  void trafficFollowsASideThatChangesItsAddress(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    // The other side goes on sending to the former address until it hears from the new one.
    tunnel.sides().forEach(side -> new Pings(side, tunnel.otherThan(side).inner4()));
    follows(pair, tunnel, tunnel.initiator(), "192.0.2.1", "192.0.2.11");
    follows(pair, tunnel, tunnel.responder(), "192.0.2.2", "192.0.2.12");
  }

  private static void follows(Pair pair, Tunnel tunnel, Side side, String old, String next) {
    Side other = tunnel.otherThan(side);
    replaceAddress(side, old, next);
    assertReaches(pair, side, other, "its address was replaced");
    assertEquals(Tunnel.endpoint(next), other.peerEndpoint());
    assertReaches(pair, other, side, "its peer's address was replaced");
  }

  private static void replaceAddress(Side side, String old, String next) {
    side.host().address(Tunnel.OUTER_DEVICE, next + "/24");
    side.host().ok("ip", "address", "delete", "dev", Tunnel.OUTER_DEVICE, old + "/24");
  }

  /** At most one ping is lost; wireguard-go may need a handshake where the kernel's module and jwg do not. */
  private static void assertReaches(Pair pair, Side from, Side to, String after) {
    if (pair.has(Software.WIREGUARD_GO)) {
      from.awaitReach(to.inner4(), TWO_RETRIES);
    } else {
      from.host().assertReaches(to.inner4(), after);
    }
  }

  /** A keepalive is 32 bytes; so many of them take three times as long as the NAT remembers a silent host. */
  @EachPair
  void persistentKeepalivesLetInboundTrafficThroughANat(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).keepalive(1);
    tunnel.startBehindNat(NAT_SECONDS);
    // The keepalives alone bring the session about: nobody sends data first.
    Side responder = tunnel.responder();
    Await.until("a session", LONG, () -> responder.latestHandshake() > 0);
    assertTrue(responder.peerEndpoint().startsWith("192.0.2.254:"), responder.peerEndpoint());
    long before = responder.receivedBytes();
    Await.until("keepalives came", LONG,
        () -> responder.receivedBytes() >= before + 3 * NAT_SECONDS * 32);
    responder.ping(tunnel.initiator().inner4());
  }

  @EachPair
  void withoutKeepalivesTheNatForgetsAnIdleHost(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair);
    tunnel.startBehindNat(NAT_SECONDS);
    tunnel.connect();
    // Well before the passive keepalive, 10 s after the last answer.
    Await.still("the byte count", Duration.ofSeconds(2 * NAT_SECONDS), LONG,
        () -> Long.toString(tunnel.responder().receivedBytes()));
    assertFalse(tunnel.responder().host().reaches(tunnel.initiator().inner4()));
    tunnel.initiator().ping(tunnel.responder().inner4());
    tunnel.responder().ping(tunnel.initiator().inner4());
  }

  /** Not wireguard-go: as of 2026-05 it answers from whichever address the route prefers. */
  static Stream<Pair> pairsWithoutWireguardGoCalled() {
    return Pair.all().filter(pair -> pair.responder() != Software.WIREGUARD_GO);
  }

  /** An answer from another address than the one called would make the caller roam to that. */
  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("pairsWithoutWireguardGoCalled")
  void anAnswerLeavesFromTheAddressThatWasCalled(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start();
    Side caller = tunnel.initiator();
    Side called = tunnel.responder();
    called.host().address(Tunnel.OUTER_DEVICE, "192.0.2.22/24");
    called.host().address(Tunnel.OUTER_DEVICE, "2001:db8::22/64");
    for (String address : new String[] {"192.0.2.22", "2001:db8::22", "192.0.2.2"}) {
      caller.set("peer", called.publicKey(), "endpoint", Tunnel.endpoint(address));
      assertReaches(pair, caller, called, address + " was called");
      exchange(pair, caller, called);
      assertEquals(Tunnel.endpoint(address), caller.peerEndpoint());
    }
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("pairsWithoutWireguardGoCalled")
  void anAnswerFallsOverToAnotherAddressWhenTheOneCalledIsRemoved(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start();
    Side caller = tunnel.initiator();
    Side called = tunnel.responder();
    called.host().address(Tunnel.OUTER_DEVICE, "192.0.2.22/24");
    caller.set("peer", called.publicKey(), "endpoint", Tunnel.endpoint("192.0.2.22"));
    tunnel.connect();
    called.host().ok("ip", "address", "delete", "dev", Tunnel.OUTER_DEVICE, "192.0.2.22/24");
    assertReaches(pair, called, caller, "the address called was removed");
    assertEquals(Tunnel.endpoint("192.0.2.2"), caller.peerEndpoint());
    caller.ping(called.inner4());
  }

  @EachPair
  void anIpv4EndpointBecomesAnIpv6OneAndBack(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    for (Family family : new Family[] {Family.IPV6, Family.IPV4}) {
      String endpoint = Tunnel.endpoint(tunnel.responder().outer(family));
      tunnel.initiator().set("peer", tunnel.responder().publicKey(), "endpoint", endpoint);
      exchange(pair, tunnel.initiator(), tunnel.responder());
      assertEquals(Tunnel.endpoint(tunnel.initiator().outer(family)), tunnel.responder().peerEndpoint());
    }
  }

  @EachPair
  void theInterfaceMovesToAnotherHostWhileTheSocketsStay(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Host guest = lab.hostBeside(tunnel.initiator().host(), "guest");
    lab.moveLink(Side.DEVICE, tunnel.initiator().host(), guest);
    guest.address(Side.DEVICE, tunnel.initiator().inner4() + "/24");
    guest.ok("ip", "link", "set", Side.DEVICE, "up");
    assertFalse(tunnel.initiator().host().hasLink(Side.DEVICE));
    if (pair.has(Software.WIREGUARD_GO)) {
      guest.awaitReach(tunnel.responder().inner4(), TWO_RETRIES);
    } else {
      guest.assertReaches(tunnel.responder().inner4(), "the interface came up in another host");
    }
    tunnel.responder().ping(tunnel.initiator().inner4());
  }

  /**
   * Both reach each other. wireguard-go (2026-05) truncates the first IPv6 addresses that it sends to after IPv4 ones, so
   * only jwg has to lose no packet.
   */
  private static void exchange(Pair pair, Side one, Side other) {
    if (pair.has(Software.WIREGUARD_GO)) {
      one.awaitReach(other.inner4(), TWO_RETRIES);
      other.awaitReach(one.inner4(), TWO_RETRIES);
    } else {
      one.ping(other.inner4());
      other.ping(one.inner4());
    }
  }
}
