package dev.jwg.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.IpAddress;
import dev.jwg.protocol.Limits;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HandshakeLimiterTest {
  private static final IpAddress SOURCE = IpAddress.v4(0xc0000201);
  private static final long NOW = Long.MAX_VALUE - 7; // any origin is allowed, so times overflow
  private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

  private final HandshakeLimiter limiter = new HandshakeLimiter();

  @Test
  void fiveMayComeAtOnce() {
    assertEquals(5, allowed(SOURCE, NOW, 100));
  }

  @Test
  void twentyASecondMayComeOnAverage() {
    allowed(SOURCE, NOW, 5);
    int allowed = 0;
    for (int ms = 1; ms <= 10_000; ms++) {
      allowed += allowed(SOURCE, NOW + ms * MILLISECOND, 1);
    }
    assertEquals(200, allowed);
  }

  @Test
  void refusedOnesCostNothing() {
    allowed(SOURCE, NOW, 100);
    assertFalse(limiter.allow(SOURCE, NOW + 50 * MILLISECOND - 1));
    assertTrue(limiter.allow(SOURCE, NOW + 50 * MILLISECOND));
  }

  @Test
  void everyIpv4AddressCountsForItself() {
    allowed(SOURCE, NOW, 5);
    assertEquals(5, allowed(IpAddress.v4(0xc0000202), NOW, 100));
  }

  @Test
  void everyIpv6NetworkOf64BitsCountsForItself() {
    assertEquals(5, allowed(IpAddress.v6(0x20010db800000000L, 1), NOW, 100));
    assertEquals(0, allowed(IpAddress.v6(0x20010db800000000L, -1), NOW, 100));
    assertEquals(5, allowed(IpAddress.v6(0x20010db800000001L, 1), NOW, 100));
  }

  @Test
  void familiesDoNotMeet() {
    assertEquals(5, allowed(IpAddress.v4(0), NOW, 100));
    assertEquals(5, allowed(IpAddress.v6(0, 0), NOW, 100));
  }

  @Test
  void fullTableRefusesNewSourcesServesKnownOnesAndRecovers() {
    for (int i = 0; i < Limits.HANDSHAKE_SOURCES; i++) {
      assertTrue(limiter.allow(IpAddress.v4(i), NOW));
    }
    IpAddress stranger = IpAddress.v4(-1);
    assertFalse(limiter.allow(stranger, NOW));
    assertTrue(limiter.allow(IpAddress.v4(0), NOW + 1));
    assertFalse(limiter.allow(stranger, NOW + 250 * MILLISECOND - 1));
    assertTrue(limiter.allow(stranger, NOW + 250 * MILLISECOND));
  }

  /** Each source's own bucket, never forgotten, filled in steps. */
  @Test
  void behavesAsIfNothingWereForgotten() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Integer, Long> tokens = new HashMap<>();
    long now = NOW;
    for (int i = 0; i < 50_000; i++) {
      long passed = random.nextInt(random.nextInt(20) == 0 ? 400 : 8) * MILLISECOND;
      now += passed;
      tokens.replaceAll((source, ns) -> Math.min(250 * MILLISECOND, ns + passed));

      int source = random.nextInt(random.nextBoolean() ? 3 : 50);
      long held = tokens.getOrDefault(source, 250 * MILLISECOND);
      boolean expected = held >= 50 * MILLISECOND;
      tokens.put(source, expected ? held - 50 * MILLISECOND : held);
      assertEquals(expected, limiter.allow(IpAddress.v4(source), now), "seed " + seed + " round " + i);
    }
  }

  private int allowed(IpAddress source, long nowNs, int times) {
    int allowed = 0;
    for (int i = 0; i < times; i++) {
      allowed += limiter.allow(source, nowNs) ? 1 : 0;
    }
    return allowed;
  }
}
