package dev.jwg.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, up to a deadline. */
final class Await {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private Await() {}

  /** Returns once the condition holds; throws an {@link AssertionError} that names it when the deadline passes first. */
  static void until(String what, Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (deadline - System.nanoTime() < 0) {
        throw new AssertionError("not within " + limit.toMillis() + " ms: " + what);
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
