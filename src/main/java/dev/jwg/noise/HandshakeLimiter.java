package dev.jwg.noise;

import dev.jwg.net.IpAddress;
import dev.jwg.protocol.Limits;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the handshakes that one source may ask for (whitepaper section 5.3; kernel ratelimiter.c): a token bucket per
 * IPv4 address or IPv6 /64, kept in nanoseconds as one token is worth a twentieth of a second. When the table is full,
 * sources that are not in it are refused.
 */
public final class HandshakeLimiter {
  private static final long COST_NS = TimeUnit.SECONDS.toNanos(1) / Limits.HANDSHAKES_PER_SECOND;
  private static final long FULL_NS = COST_NS * Limits.HANDSHAKE_BURST;

  private static final class Bucket {
    long tokensNs = FULL_NS;
    long sinceNs;
  }

  /** In the order of last use, so that the buckets that have refilled are the first ones. */
  private final Map<IpAddress, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  /** True if {@code source} may have one more handshake message consumed now, which it then has. */
  public boolean allow(IpAddress source, long nowNs) {
    forgetRefilled(nowNs);
    IpAddress key = source.isV6() ? IpAddress.v6(source.high(), 0) : source;
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      if (buckets.size() >= Limits.HANDSHAKE_SOURCES) {
        return false;
      }
      bucket = new Bucket();
      bucket.sinceNs = nowNs;
      buckets.put(key, bucket);
    }
    bucket.tokensNs = Math.min(FULL_NS, bucket.tokensNs + (nowNs - bucket.sinceNs));
    bucket.sinceNs = nowNs;
    if (bucket.tokensNs < COST_NS) {
      return false;
    }
    bucket.tokensNs -= COST_NS;
    return true;
  }

  /** A bucket left alone until it is full again is as good as none. */
  private void forgetRefilled(long nowNs) {
    Iterator<Bucket> oldest = buckets.values().iterator();
    while (oldest.hasNext() && nowNs - oldest.next().sinceNs >= FULL_NS) {
      oldest.remove();
    }
  }
}
