package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Sessions are made again when a side forgot them. This takes waiting: see {@link PatienceIT}. */
@NetworkTest
@Execution(ExecutionMode.CONCURRENT)
final class SessionIT {
  /** A side notices a dead session after 10 + 5 s without an answer (whitepaper section 6.5); then it calls again. */
  static final Duration NOTICE = Duration.ofSeconds(35);

  @EachPair
  void trafficResumesAfterTheResponderRestarted(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair)).connect();
    Pings pings = new Pings(tunnel.initiator(), tunnel.responder().inner4());
    pings.awaitMore(NOTICE);
    tunnel.responder().stop("TERM");
    tunnel.create(tunnel.responder());
    pings.awaitMore(NOTICE);
    tunnel.responder().ping(tunnel.initiator().inner4());
  }

  @EachPair
  void trafficResumesAfterTheInitiatorRestarted(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair)).connect();
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
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair)).connect();
    tunnel.initiator().stop("KILL");
    tunnel.create(tunnel.initiator());
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), NOTICE);
  }

  @EachPair
  void aPeerThatWasRemovedIsUnreachableUntilItIsAddedBack(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair)).connect();
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
}
