package dev.jwg.device;

import dev.jwg.session.SessionLimits;
import dev.jwg.time.Clock;
import dev.jwg.time.Timer;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a device is given instead of reaching for it, so that tests run it on a manual clock.
 *
 * @param timer runs tasks on the control thread
 * @param control runs tasks on the control thread: handshakes, timers, configuration
 * @param shards each runs tasks on one data shard's thread: packets
 */
public record Environment(
    Clock clock,
    Timer timer,
    Executor control,
    List<? extends Executor> shards,
    SecureRandom random,
    SessionLimits limits,
    KeyLog keyLog) {

  /** As the record's fields say. */
  public Environment {
    shards = List.copyOf(shards);
  }

  /** The shard that sends what no packet calls for at the moment. */
  Executor firstShard() {
    return shards.get(0);
  }

  /**
   * Waits, without keeping anyone, until every shard has finished what it is at: then no batch is under way any more for
   * which something was looked up before.
   *
   * @param others runs on each shard but the last to finish
   * @param last runs on that one
   */
  void whenAllShardsPassed(Runnable others, Runnable last) {
    AtomicInteger left = new AtomicInteger(shards.size());
    for (Executor shard : shards) {
      shard.execute(() -> (left.decrementAndGet() == 0 ? last : others).run());
    }
  }
}
