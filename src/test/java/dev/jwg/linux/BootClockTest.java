package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a suspend does to this clock is tested by the integration tests, under a C library that pretends one. */
class BootClockTest {
  private final NativeMemory timespec = new NativeMemory(16);

  private long kernelsNs() {
    assertEquals(0, Libc.clock_gettime(BootClock.CLOCK_BOOTTIME, timespec.address(0)));
    return timespec.getLong(0) * 1_000_000_000L + timespec.getLong(8);
  }

  /** Within what the JVM's way to the kernel's clock may lose by being interrupted. */
  @Test
  void readsTheKernelsBootTime() {
    for (int round = 0; round < 1_000; round++) {
      long beforeNs = kernelsNs();
      long readNs = BootClock.INSTANCE.nanoTime();
      long afterNs = kernelsNs();
      assertTrue(readNs - beforeNs > -50_000_000 && afterNs - readNs > -50_000_000, beforeNs + " " + readNs + " " + afterNs);
    }
  }

  @Test
  void neverGoesBack() {
    long lastNs = BootClock.INSTANCE.nanoTime();
    for (int round = 0; round < 100_000; round++) {
      long nowNs = BootClock.INSTANCE.nanoTime();
      assertTrue(nowNs >= lastNs);
      lastNs = nowNs;
    }
  }

  @Test
  void allocatesNothing() {
    long before = Allocations.ofThisThread();
    long sum = 0;
    for (int round = 0; round < 100_000; round++) {
      sum += BootClock.INSTANCE.nanoTime() & 1;
    }
    long allocated = Allocations.ofThisThread() - before;
    assertTrue(sum >= 0 && allocated < 10_000, allocated + " bytes");
  }
}
