package dev.jwg.bench;

import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIps;
import dev.jwg.route.IpPrefix;
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

/**
 * Lookups of random addresses, none of which the processor's caches expect, in tables of random prefixes: an upper bound,
 * since the packets of one read mostly go to one peer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AllowedIpsBench {
  /** What the table holds. */
  public enum Table {
    ONE_HOST(1, false, false),
    HUNDRED_HOSTS(100, false, false),
    TEN_THOUSAND_HOSTS(10_000, false, false),
    HUNDRED_THOUSAND_HOSTS(100_000, false, false),
    MILLION_PREFIXES_V4(1_000_000, false, true),
    MILLION_PREFIXES_V6(1_000_000, true, true);

    final int prefixes;
    final boolean isV6;
    final boolean isMixed;

    Table(int prefixes, boolean isV6, boolean isMixed) {
      this.prefixes = prefixes;
      this.isV6 = isV6;
      this.isMixed = isMixed;
    }

    /** As in tables of routes, half are single hosts, and few are so wide that they leave no address to others. */
    IpPrefix prefix(Random random) {
      IpAddress address =
          isV6 ? IpAddress.v6(random.nextLong() >>> 3, random.nextLong()) : IpAddress.v4(random.nextInt());
      int bits = address.bits();
      if (!isMixed || random.nextBoolean()) {
        return new IpPrefix(address, bits);
      }
      int shortest = random.nextInt(1_000) == 0 ? bits / 4 : bits * 5 / 8;
      return new IpPrefix(address, shortest + random.nextInt(bits - shortest));
    }
  }

  /** A power of two, so that the next one is found by a mask. */
  private static final int LOOKUPS = 1 << 16;

  @Param public Table table;

  private final AllowedIps<Integer> allowedIps = new AllowedIps<>();
  private final IpAddress[] owned = new IpAddress[LOOKUPS];
  private final IpAddress[] strangers = new IpAddress[LOOKUPS];
  private int next;

  @Setup
  public void fill() {
    Random random = new Random(1);
    for (int i = 0; i < table.prefixes; i++) {
      IpPrefix prefix = table.prefix(random);
      allowedIps.put(prefix, i);
      owned[i & (LOOKUPS - 1)] = prefix.address();
    }
    for (int i = 0; i < LOOKUPS; i++) {
      if (i >= table.prefixes) {
        owned[i] = owned[i % table.prefixes];
      }
      strangers[i] = stranger(random);
    }
    shuffle(random);
  }

  private IpAddress stranger(Random random) {
    IpAddress address;
    do {
      address = table.isV6 ? IpAddress.v6(random.nextLong(), random.nextLong()) : IpAddress.v4(random.nextInt());
    } while (allowedIps.lookup(address) != null);
    return address;
  }

  /** Or their nodes would lie in the order of the lookups. */
  private void shuffle(Random random) {
    for (int i = LOOKUPS - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      IpAddress swapped = owned[i];
      owned[i] = owned[other];
      owned[other] = swapped;
    }
  }

  @Benchmark
  public Integer hit() {
    return allowedIps.lookup(owned[next++ & (LOOKUPS - 1)]);
  }

  @Benchmark
  public Integer miss() {
    return allowedIps.lookup(strangers[next++ & (LOOKUPS - 1)]);
  }
}
