package dev.jwg.device;

import dev.jwg.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The wall time that our initiations carry. It follows the wall clock forward and never back, because a peer refuses a
 * timestamp that is not later than the last one it saw (whitepaper section 5.1). After the wall clock was set back, this
 * time goes on from the latest one at the speed of the monotonic clock. Control thread.
 */
final class HandshakeTime {
  /** Corrections by a time service are smaller, and matter to nobody. */
  private static final Duration WORTH_TELLING = Duration.ofMinutes(1);

  private final Clock clock;
  private @Nullable Instant latest;
  private long latestNs;
  private boolean told;

  HandshakeTime(Clock clock) {
    this.clock = clock;
  }

  /** The time for an initiation that is sent now. */
  Instant now() {
    Instant wall = clock.wallTime();
    long nowNs = clock.nanoTime();
    Instant next = latest == null ? wall : latest.plusNanos(Math.max(0, nowNs - latestNs));
    if (wall.isAfter(next)) {
      next = wall;
    }
    latest = next;
    latestNs = nowNs;
    return next;
  }

  /** Returns how far the wall clock has been set back, once for each large step. Call after {@link #now}. */
  Optional<Duration> newlySetBack() {
    Duration behind = latest == null ? Duration.ZERO : Duration.between(clock.wallTime(), latest);
    boolean setBack = behind.compareTo(WORTH_TELLING) > 0;
    boolean news = setBack && !told;
    told = setBack;
    return news ? Optional.of(behind) : Optional.empty();
  }
}
