package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.jwg.net.IpAddress;
import java.lang.management.ManagementFactory;
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
  private static final int MILLION = 1_000_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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
  void aMillionPrefixesOfAllLengthsLoadPieceByPieceAndAreFoundAsByALinearScan() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    AllowedIps<Integer> trie = new AllowedIps<>();
    Map<IpPrefix, Integer> model = new HashMap<>();
    List<IpPrefix> prefixes = new ArrayList<>();
    while (prefixes.size() < MILLION) {
      prefixes.add(scattered(random, /* isV6= */ prefixes.size() % 2 == 0));
    }
    for (int i = 0; i < MILLION; i++) {
      model.put(prefixes.get(i), i % 100);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MILLION; i++) {
      trie.put(prefixes.get(i), i % 100);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    // A copied path is all that a change may cost: one that touched the whole table would take many megabytes.
    assertTrue(allocated / MILLION < 4_096, allocated / MILLION + " bytes for each prefix, seed " + seed);
    assertAgree(trie, model, prefixes, random, "loaded, seed " + seed);

    for (int i = 0; i < MILLION; i += 2) {
      IpPrefix prefix = prefixes.get(i);
      Integer owner = model.remove(prefix);
      assertTrue(owner == null || trie.remove(prefix, owner), "seed " + seed + ": remove " + prefix);
    }
    assertAgree(trie, model, prefixes, random, "half removed, seed " + seed);
    model.forEach((prefix, owner) -> assertTrue(trie.remove(prefix, owner), "seed " + seed + ": remove " + prefix));
    assertAgree(trie, Map.of(), prefixes, random, "all removed, seed " + seed);
  }

  /** Half are single hosts; few of the others are wide. */
  private static IpPrefix scattered(Random random, boolean isV6) {
    IpAddress address =
        isV6 ? IpAddress.v6(random.nextLong(), random.nextLong()) : IpAddress.v4(random.nextInt());
    int bits = address.bits();
    int shortest = random.nextInt(1_000) == 0 ? bits / 4 : bits / 2;
    return new IpPrefix(address, random.nextBoolean() ? bits : shortest + random.nextInt(bits - shortest));
  }

  /** Looks some addresses up: half begin a prefix, the others are any. */
  private static void assertAgree(
      AllowedIps<Integer> trie, Map<IpPrefix, Integer> model, List<IpPrefix> prefixes, Random random, String where) {
    for (int i = 0; i < 20_000; i++) {
      IpPrefix prefix = i % 2 == 0 ? prefixes.get(random.nextInt(MILLION)) : scattered(random, i % 4 == 1);
      assertEquals(scan(model, prefix.address()), trie.lookup(prefix.address()), where + ": " + prefix);
    }
  }

  private static IpAddress v4(int a, int b, int c, int d) {
    return IpAddress.v4(a << 24 | b << 16 | c << 8 | d);
  }
}
