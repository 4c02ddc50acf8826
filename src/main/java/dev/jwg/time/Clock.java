package dev.jwg.time;

import java.time.Instant;

/** Both times a WireGuard endpoint needs. */
public interface Clock {
  /**
   * Monotonic, in nanoseconds from an arbitrary origin, and counts the time that the machine is suspended: compare by
   * {@code deadline - now < 0}.
   */
  long nanoTime();

  /** The wall clock, for TAI64N timestamps and for people. */
  Instant wallTime();

  /** The JVM's clocks, which stand still in suspend: for tests and benchmarks. */
  static Clock system() {
    return new Clock() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public Instant wallTime() {
        return Instant.now();
      }
    };
  }
}
