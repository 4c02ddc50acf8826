package dev.jwg.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for a condition. Limits are stated for an idle machine; every one is stretched, so that a machine that is three
 * times slower, or shared with other programs, passes too.
 */
final class Await {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** A wait may take so many times its limit: JVMs start up to three times slower on some processors. */
  private static final int STRETCH = 4;

  private Await() {}

  /** The time after which a wait with this limit fails. */
  static Duration stretched(Duration limit) {
    return limit.multipliedBy(STRETCH);
  }

  /** Returns once the condition holds; throws an {@link AssertionError} that names it when the deadline passes first. */
  static void until(String what, Duration limit, BooleanSupplier condition) {
    progress(what, limit, () -> "", condition);
  }

  /**
   * Returns once the condition holds. Throws an {@link AssertionError} only when the progress has not changed for
   * {@code stall}: a slow machine takes as long as it needs.
   */
  static void progress(String what, Duration stall, Supplier<String> progress, BooleanSupplier condition) {
    Duration limit = stretched(stall);
    String last = progress.get();
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      String next = progress.get();
      if (!next.equals(last)) {
        last = next;
        deadline = System.nanoTime() + limit.toNanos();
      }
      if (deadline - System.nanoTime() < 0) {
        throw new AssertionError("not within " + limit.toMillis() + " ms: " + what + (last.isEmpty() ? "" : ", last: " + last));
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("the test's time was up while waiting until " + what);
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
  }

  /** Returns once the value has stayed the same for so long. */
  static void still(String what, Duration time, Duration limit, Supplier<String> value) {
    String[] last = {value.get()};
    long[] since = {System.nanoTime()};
    until(what + " has not changed for " + time.toMillis() + " ms", limit, () -> {
      String next = value.get();
      if (!next.equals(last[0])) {
        last[0] = next;
        since[0] = System.nanoTime();
      }
      return System.nanoTime() - since[0] >= time.toNanos();
    });
  }
}
