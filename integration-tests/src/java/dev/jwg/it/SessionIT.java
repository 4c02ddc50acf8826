package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Sessions are renewed, and made again when a side forgot them. */
@NetworkTest
final class SessionIT {
  /** A side notices a dead session after 10 + 5 s without an answer (whitepaper section 6.5); then it calls again. */
  static final Duration NOTICE = Duration.ofSeconds(35);

  @EachPair
  void trafficResumesAfterTheResponderRestarted(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Pings pings = new Pings(tunnel.initiator(), tunnel.responder().inner4());
    pings.awaitMore(NOTICE);
    tunnel.responder().stop("TERM");
    tunnel.create(tunnel.responder());
    pings.awaitMore(NOTICE);
    tunnel.responder().ping(tunnel.initiator().inner4());
  }

  @EachPair
  void trafficResumesAfterTheInitiatorRestarted(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Pings pings = new Pings(tunnel.responder(), tunnel.initiator().inner4());
    pings.awaitMore(NOTICE);
    tunnel.initiator().stop("TERM");
    tunnel.create(tunnel.initiator());
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), NOTICE);
    pings.awaitMore(NOTICE);
  }

  /** What SIGKILL leaves, above all the UAPI socket's file, must not stop the next one. */
  @EachPair
  void trafficResumesAfterASideCrashed(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    tunnel.initiator().stop("KILL");
    tunnel.create(tunnel.initiator());
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), NOTICE);
  }

  @EachPair
  void aPeerThatWasRemovedIsUnreachableUntilItIsAddedBack(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    for (Side side : tunnel.sides()) {
      Side other = side == tunnel.initiator() ? tunnel.responder() : tunnel.initiator();
      side.set("peer", other.publicKey(), "remove");
      assertEquals("", side.host().ok("wg", "show", Side.DEVICE, "peers"));
      assertFalse(side.host().reaches(other.inner4()));
      assertFalse(other.host().reaches(side.inner4()));
      side.host().ok("wg", "addconf", Side.DEVICE, lab.file("peer.conf", tunnel.peerOf(side)).toString());
      tunnel.initiator().awaitReach(tunnel.responder().inner4(), NOTICE);
      tunnel.responder().ping(tunnel.initiator().inner4());
    }
  }

  /** Handshakes are told apart by the second, which the lowered limits have to exceed. */
  @Test
  void aSessionIsRenewedTwiceWithoutLosingAPing(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG_WITH_LOW_LIMITS, Software.JWG)).start().connect();
    Pings pings = new Pings(tunnel.initiator(), tunnel.responder().inner4());
    for (int renewal = 1; renewal <= 2; renewal++) {
      long before = tunnel.initiator().latestHandshake();
      assertTrue(before > 0, "no handshake before renewal " + renewal);
      Await.until("renewal " + renewal, NOTICE, () -> tunnel.initiator().latestHandshake() > before);
      pings.awaitMore(NOTICE);
    }
    assertEquals(0, pings.lost());
  }
}
