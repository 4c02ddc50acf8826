package dev.jwg.device;

import java.time.Instant;
import java.util.Optional;

/** Notices, once each time, that a peer has stopped answering. Control thread. */
final class Reachability {
  /** Initiations without an answer after which a person should hear of it: 10 to 11 seconds. */
  private static final int TELL_AFTER = 3;

  private int unanswered;
  private Instant since = Instant.EPOCH;

  /**
   * An initiation is about to be sent.
   *
   * @return the time of the first one, if now is the moment to tell that nothing has answered since
   */
  Optional<Instant> initiationSent(Instant now) {
    if (unanswered == 0) {
      since = now;
    }
    unanswered++;
    return unanswered == TELL_AFTER ? Optional.of(since) : Optional.empty();
  }

  /** Whether so many initiations went unanswered that something is wrong. */
  boolean isUnreachable() {
    return unanswered >= TELL_AFTER;
  }

  /**
   * A handshake was completed.
   *
   * @return true if the peer had been told of as unreachable
   */
  boolean answered() {
    boolean wasUnreachable = isUnreachable();
    unanswered = 0;
    return wasUnreachable;
  }
}
