package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class IndexTableTest {
  private final SecureRandom random = new SecureRandom();
  private final IndexTable<String> table = new IndexTable<>(random);

  @Test
  void agreesWithAMapThroughRandomAllocationsAndReleases() {
    for (long seed = 0; seed < 10; seed++) {
      compareWithMap(seed);
    }
  }

  private static void compareWithMap(long seed) {
    IndexTable<String> table = new IndexTable<>(new SecureRandom());
    Map<Integer, String> oracle = new HashMap<>();
    List<Integer> allocated = new ArrayList<>();
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      if (allocated.isEmpty() || random.nextInt(3) != 0) {
        int index = table.allocate("owner " + i);
        assertNull(oracle.put(index, "owner " + i), "index given twice, seed " + seed);
        allocated.add(index);
      } else {
        int index = allocated.remove(random.nextInt(allocated.size()));
        oracle.remove(index);
        table.free(index);
        assertNull(table.find(index), "freed, seed " + seed);
      }
    }
    assertEquals(oracle.size(), table.size(), "seed " + seed);
    oracle.forEach((index, owner) -> assertEquals(owner, table.find(index), "seed " + seed));
  }

  @Test
  void anIndexThatIsInUseIsNotGivenAgain() {
    int[] draws = {7, 7, 7, 9};
    IndexTable<String> scripted = new IndexTable<>(new Scripted(draws));
    assertEquals(7, scripted.allocate("first"));
    assertEquals(9, scripted.allocate("second"));
    assertEquals("first", scripted.find(7));
    assertEquals("second", scripted.find(9));
  }

  @Test
  void freeingAnUnknownIndexDoesNothing() {
    int index = table.allocate("owner");
    table.free(index + 1);
    table.free(index);
    table.free(index);
    assertEquals(0, table.size());
  }

  @Test
  void everyBitOfAnIndexIsSetInAboutHalfOfThem() {
    int samples = 4_000;
    int[] set = new int[Integer.SIZE];
    for (int i = 0; i < samples; i++) {
      int index = table.allocate("owner");
      for (int bit = 0; bit < Integer.SIZE; bit++) {
        set[bit] += index >>> bit & 1;
      }
    }
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      // 10 standard deviations: fails by chance less than once in 10^22 runs.
      assertTrue(Math.abs(set[bit] - samples / 2) < 5 * Math.sqrt(samples), "bit " + bit + ": " + set[bit]);
    }
  }

  @Test
  void readersFindEveryIndexThatStaysWhileOthersComeAndGo() throws Exception {
    Map<Integer, String> staying = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      staying.put(table.allocate("stays " + i), "stays " + i);
    }
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<Integer>> rounds = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        rounds.add(readers.submit(() -> readUntil(done, staying)));
      }
      List<Integer> passing = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        passing.add(table.allocate("passes"));
        if (i % 3 == 2) {
          table.free(passing.remove(passing.size() / 2));
        }
      }
      done.set(true);
      for (Future<Integer> round : rounds) {
        assertTrue(round.get(60, TimeUnit.SECONDS) > 0);
      }
    } finally {
      done.set(true);
      readers.shutdownNow();
    }
  }

  private int readUntil(AtomicBoolean done, Map<Integer, String> staying) {
    int rounds = 0;
    do {
      staying.forEach((index, owner) -> assertEquals(owner, table.find(index)));
      rounds++;
    } while (!done.get());
    return rounds;
  }

  private static final class Scripted extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final int[] draws;
    private int next;

    Scripted(int[] draws) {
      this.draws = draws;
    }

    @Override
    public int nextInt() {
      return draws[next++];
    }
  }
}
