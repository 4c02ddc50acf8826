package dev.jwg.linux;

import dev.jwg.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The machine's clocks. {@link #nanoTime} is CLOCK_BOOTTIME of clock_gettime(2): unlike {@link System#nanoTime} it counts
 * the time that the machine is suspended. Thread-safe, and allocates nothing.
 *
 * <p>The data path reads the time for each batch, and a call into the C library costs several times as much as the two
 * clocks that the JVM reads by itself. So the time is {@link System#nanoTime} plus an offset. The kernel adds the time
 * asleep to the wall clock in the same step as to CLOCK_BOOTTIME, while adjustments of the clock's speed apply to all
 * clocks alike. The offset is therefore still right unless the wall clock has moved against {@link System#nanoTime}; then
 * it is read again, so that the first batch after a suspend already sees it.
 */
public final class BootClock implements Clock {
  /** The one clock of this process. */
  public static final BootClock INSTANCE = new BootClock();

  /** CLOCK_BOOTTIME of linux/time.h. */
  static final int CLOCK_BOOTTIME = 7;

  private static final int TIMESPEC_NANOSECONDS = 8;
  private static final int TIMESPEC_SIZE = 16;

  /** Shorter suspends do not matter; a thread that loses the processor between two reads of a clock mostly stays below. */
  private static final long TOLERANCE_MS = 100;

  /** The fastest of so many attempts to read two clocks at one moment counts. */
  private static final int ATTEMPTS = 5;

  private final NativeMemory timespec = new NativeMemory(TIMESPEC_SIZE); // guarded by this

  /** The time asleep, to be added to {@link System#nanoTime}. Written before {@link #wallAheadMs}, which is read first. */
  private volatile long offsetNs;

  private volatile long wallAheadMs;

  private BootClock() {
    readOffset();
  }

  @Override
  public long nanoTime() {
    long awakeNs = System.nanoTime();
    long movedMs = wallAheadMs(awakeNs) - wallAheadMs;
    if (movedMs > TOLERANCE_MS || movedMs < -TOLERANCE_MS) {
      readOffset();
      awakeNs = System.nanoTime();
    }
    return awakeNs + offsetNs;
  }

  private static long wallAheadMs(long awakeNs) {
    return System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(awakeNs);
  }

  /** Reads the offset anew; also for a caller that knows of a wake-up. Costs a few microseconds. */
  synchronized void readOffset() {
    // A suspend from here on moves the wall clock away from this value, and the next call looks again.
    long aheadMs = wallAheadMs(System.nanoTime());
    long fastestNs = Long.MAX_VALUE;
    long offset = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long beforeNs = System.nanoTime();
      long bootNs = readBootTime();
      long tookNs = System.nanoTime() - beforeNs;
      if (tookNs < fastestNs) {
        fastestNs = tookNs;
        offset = bootNs - beforeNs - tookNs / 2;
      }
    }
    // A step of the wall clock alone leaves the offset as it is, but for the inaccuracy of reading it.
    if (Math.abs(offset - offsetNs) > TimeUnit.MILLISECONDS.toNanos(1)) {
      offsetNs = offset;
    }
    wallAheadMs = aheadMs;
  }

  private long readBootTime() {
    if (Libc.clock_gettime(CLOCK_BOOTTIME, timespec.address(0)) < 0) {
      throw new IllegalStateException("clock_gettime CLOCK_BOOTTIME: " + Errno.nameOf(Libc.errno()));
    }
    return TimeUnit.SECONDS.toNanos(timespec.getLong(0)) + timespec.getLong(TIMESPEC_NANOSECONDS);
  }

  @Override
  public Instant wallTime() {
    return Instant.now();
  }
}
