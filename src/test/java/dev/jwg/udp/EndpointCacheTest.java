package dev.jwg.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EndpointCacheTest {
  private final EndpointCache cache = new EndpointCache();

  @Test
  void sameBytesGiveTheSameEndpoint() {
    Endpoint first = cache.get(true, 1, 2, 3, 4, 5, 6, 7);
    assertSame(first, cache.get(true, 1, 2, 3, 4, 5, 6, 7));
    Endpoint.Source source = new Endpoint.Source(IpAddress.v6(5, 6), 7);
    assertEquals(new Endpoint(IpAddress.v6(1, 2), 3, 4, source), first);
  }

  @Test
  void everyEndpointIsWhatItsBytesSayHoweverManyShareAPlace() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      boolean isV6 = random.nextBoolean();
      long high = isV6 ? random.nextInt(8) : 0;
      long low = random.nextInt(8);
      int port = 1 + random.nextInt(8);
      int scopeId = random.nextInt(2);
      long localHigh = isV6 ? random.nextInt(2) : 0;
      long localLow = random.nextInt(8);
      int index = random.nextInt(4);
      Endpoint.Source source = new Endpoint.Source(new IpAddress(isV6, localHigh, localLow), index);
      assertEquals(
          new Endpoint(new IpAddress(isV6, high, low), port, scopeId, source),
          cache.get(isV6, high, low, port, scopeId, localHigh, localLow, index),
          "seed " + seed);
    }
  }

  @Test
  void fiftyPeersSeldomPushEachOtherOut() {
    Set<Endpoint> objects = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 100; i++) {
      objects.add(peer(i % 50));
    }
    assertEquals(50, objects.size(), 2.0);
  }

  private Endpoint peer(int number) {
    return cache.get(false, 0, 0x0a000001 + number, 51820, 0, 0, 0x0a0000fe, 2);
  }
}
