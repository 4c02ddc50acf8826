package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedIpsTest {
  private static final IpAddress TEN = v4(10, 0, 0, 0);

  private final AllowedIps<String> table = new AllowedIps<>();

  @Test
  void anEmptyTableOwnsNothing() {
    assertNull(table.lookup(TEN));
    assertNull(table.lookup(IpAddress.v6(1, 2)));
  }

  @Test
  void theLongestPrefixWins() {
    table.put(new IpPrefix(TEN, 8), "alice");
    table.put(new IpPrefix(v4(10, 1, 0, 0), 16), "bob");
    table.put(new IpPrefix(v4(10, 1, 2, 3), 32), "carol");
    assertEquals("alice", table.lookup(v4(10, 2, 0, 1)));
    assertEquals("bob", table.lookup(v4(10, 1, 2, 4)));
    assertEquals("carol", table.lookup(v4(10, 1, 2, 3)));
    assertNull(table.lookup(v4(11, 0, 0, 0)));
  }

  @Test
  void aDefaultRouteCoversItsOwnFamilyOnly() {
    table.put(new IpPrefix(v4(0, 0, 0, 0), 0), "alice");
    assertEquals("alice", table.lookup(v4(255, 255, 255, 255)));
    assertNull(table.lookup(IpAddress.v6(0, 0)));
    table.put(new IpPrefix(IpAddress.v6(0, 0), 0), "bob");
    assertEquals("bob", table.lookup(IpAddress.v6(-1, -1)));
    assertEquals("alice", table.lookup(v4(0, 0, 0, 0)));
  }

  @Test
  void aPrefixMovesToItsNewOwner() {
    IpPrefix prefix = new IpPrefix(TEN, 8);
    assertNull(table.put(prefix, "alice"));
    assertEquals("alice", table.put(prefix, "bob"));
    assertEquals("bob", table.lookup(TEN));
  }

  @Test
  void onlyItsOwnerLosesAPrefix() {
    IpPrefix prefix = new IpPrefix(TEN, 8);
    table.put(prefix, "alice");
    assertFalse(table.remove(prefix, "bob"));
    assertFalse(table.remove(new IpPrefix(TEN, 9), "alice"));
    assertEquals("alice", table.lookup(TEN));
    assertTrue(table.remove(prefix, "alice"));
    assertNull(table.lookup(TEN));
    assertFalse(table.remove(prefix, "alice"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithALinearScan(boolean isV6) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      agreesWithALinearScan(isV6, random, "seed " + seed + ", round " + round);
    }
  }

  private static void agreesWithALinearScan(boolean isV6, Random random, String where) {
    AllowedIps<Integer> trie = new AllowedIps<>();
    Map<IpPrefix, Integer> model = new HashMap<>();
    for (int step = 0; step < 300; step++) {
      IpPrefix prefix = prefix(random, isV6);
      Integer owner = random.nextInt(3);
      if (random.nextInt(3) == 0) {
        assertEquals(model.remove(prefix, owner), trie.remove(prefix, owner), where + ": remove " + prefix);
      } else {
        assertEquals(model.put(prefix, owner), trie.put(prefix, owner), where + ": put " + prefix);
      }
      IpAddress address = address(random, isV6);
      assertEquals(scan(model, address), trie.lookup(address), where + ": lookup " + address);
    }
  }

  private static @Nullable Integer scan(Map<IpPrefix, Integer> model, IpAddress address) {
    for (int length = address.bits(); length >= 0; length--) {
      Integer owner = model.get(new IpPrefix(address, length));
      if (owner != null) {
        return owner;
      }
    }
    return null;
  }

  private static IpPrefix prefix(Random random, boolean isV6) {
    IpAddress address = address(random, isV6);
    return new IpPrefix(address, random.nextInt(address.bits() + 1));
  }

  /** Addresses from a small set, each differing from another in a few bits anywhere, so that prefixes nest and meet. */
  private static IpAddress address(Random random, boolean isV6) {
    if (isV6) {
      return IpAddress.v6(sparse(random), sparse(random));
    }
    long bits = sparse(random);
    return IpAddress.v4((int) (bits ^ (bits >>> 32)));
  }

  private static long sparse(Random random) {
    return (1L << random.nextInt(64)) ^ random.nextInt(2);
  }

  @Test
  void aReaderNeverSeesAHoleWhileAPrefixMovesAndOthersComeAndGo() throws Exception {
    IpPrefix steady = new IpPrefix(v4(10, 1, 0, 0), 16);
    table.put(steady, "alice");
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      Callable<Long> reading = () -> {
        long misses = 0;
        while (!done.get()) {
          String owner = table.lookup(v4(10, 1, 2, 3));
          misses += "alice".equals(owner) || "bob".equals(owner) ? 0 : 1;
        }
        return misses;
      };
      List<Future<Long>> misses = List.of(readers.submit(reading), readers.submit(reading));
      long seed = System.nanoTime();
      Random random = new Random(seed);
      List<IpPrefix> others = new ArrayList<>();
      for (int step = 0; step < 50_000; step++) {
        table.put(steady, step % 2 == 0 ? "bob" : "alice");
        IpPrefix other = new IpPrefix(v4(10, 1, random.nextInt(4), 4 + random.nextInt(200)), random.nextInt(33));
        if (!other.equals(steady) && random.nextBoolean()) {
          table.put(other, "alice");
          others.add(other);
        } else if (!others.isEmpty()) {
          table.remove(others.remove(random.nextInt(others.size())), "alice");
        }
      }
      done.set(true);
      for (Future<Long> count : misses) {
        assertEquals(0, count.get(), "seed " + seed);
      }
    } finally {
      done.set(true);
      readers.shutdownNow();
    }
  }

  @Test
  void holdsAMillionPrefixes() {
    AllowedIps<Integer> trie = new AllowedIps<>();
    int count = 1_000_000;
    for (int i = 0; i < count; i++) {
      // An odd multiplier permutes the 32-bit integers, so these are a million distinct host routes, scattered.
      trie.put(new IpPrefix(IpAddress.v4(i * 0x9e3779b1), 32), i % 100);
    }
    for (int i = 0; i < count; i++) {
      assertEquals(i % 100, trie.lookup(i * 0x9e3779b1));
    }
  }

  private static IpAddress v4(int a, int b, int c, int d) {
    return IpAddress.v4(a << 24 | b << 16 | c << 8 | d);
  }
}
