package dev.jwg.bench;

import dev.jwg.session.IndexTable;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Finding the owners of receiver indices, three for each of a number of peers, in random order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IndexTableBench {
  /** A power of two, so that the next one is found by a mask. */
  private static final int FINDS = 1 << 16;

  @Param({"1", "100", "10000", "100000"})
  public int peers;

  private final IndexTable<Integer> table = new IndexTable<>(new SecureRandom());
  private final int[] taken = new int[FINDS];
  private final int[] free = new int[FINDS];
  private int next;

  @Setup
  public void fill() {
    int[] indices = new int[3 * peers];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = table.allocate(i / 3);
    }
    Random random = new Random(1);
    for (int i = 0; i < FINDS; i++) {
      taken[i] = indices[random.nextInt(indices.length)];
      do {
        free[i] = random.nextInt();
      } while (table.find(free[i]) != null);
    }
  }

  @Benchmark
  public Integer hit() {
    return table.find(taken[next++ & (FINDS - 1)]);
  }

  @Benchmark
  public Integer miss() {
    return table.find(free[next++ & (FINDS - 1)]);
  }
}
