package dev.jwg.udp;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Gives the same {@link Endpoint} for the same bytes, so that a steady exchange allocates nothing. Of fixed size: an
 * endpoint that hashes to a taken place replaces the one there. Not thread-safe.
 */
final class EndpointCache {
  /** Enough that busy peers seldom share a place; about half a megabyte once full. */
  private static final int PLACES = 4096;

  /** 2^64 divided by the golden ratio: Fibonacci hashing, Knuth TAOCP volume 3, section 6.4. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final @Nullable Endpoint[] places = new @Nullable Endpoint[PLACES];

  /** An endpoint of these parts; high halves are zero for IPv4. */
  Endpoint get(boolean isV6, long high, long low, int port, int scopeId, long localHigh, long localLow, int ifIndex) {
    int place = place(high ^ Long.rotateLeft(localHigh, 21), low ^ Long.rotateLeft(localLow, 42), port, ifIndex);
    Endpoint known = places[place];
    if (known != null
        && known.port() == port
        && known.scopeId() == scopeId
        && known.source().interfaceIndex() == ifIndex
        && is(known.address(), isV6, high, low)
        && is(known.source().address(), isV6, localHigh, localLow)) {
      return known;
    }
    IpAddress local = new IpAddress(isV6, localHigh, localLow);
    Endpoint fresh =
        new Endpoint(new IpAddress(isV6, high, low), port, scopeId, new Endpoint.Source(local, ifIndex));
    places[place] = fresh;
    return fresh;
  }

  private static int place(long a, long b, int port, int ifIndex) {
    long hash = (a * GOLDEN + b) * GOLDEN + ((long) ifIndex << 16) + port;
    return (int) ((hash * GOLDEN) >>> 32) & (PLACES - 1);
  }

  private static boolean is(IpAddress address, boolean isV6, long high, long low) {
    return address.isV6() == isV6 && address.high() == high && address.low() == low;
  }
}
