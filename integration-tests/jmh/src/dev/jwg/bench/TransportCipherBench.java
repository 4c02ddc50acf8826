package dev.jwg.bench;

import dev.jwg.crypto.Candidates;
import dev.jwg.crypto.TransportCipher;
import java.util.Arrays;
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
 * Sealing and opening of runs of packets, by implementation. The time is that of a whole run: divide by {@code atOnce}
 * for a packet's. With {@code -prof gc}, {@code gc.alloc.rate.norm} is what the cipher itself allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TransportCipherBench {
  @Param({"OURS", "JDK", "BOUNCY_CASTLE", "DEFAULT"})
  public String implementation;

  @Param({"64", "512", "1424"})
  public int length;

  @Param({"1", "44"})
  public int atOnce;

  private TransportCipher cipher;
  private byte[] plain;
  private byte[][] sealed;
  private byte[] bytes;
  private int[] offsets;
  private int[] lengths;
  private int[] sealedLengths;
  private long[][] counters;
  private boolean[] genuine;
  private long nextCounter;
  private int turn;

  @Setup
  public void makePackets() {
    byte[] key = new byte[32];
    new Random(1).nextBytes(key);
    cipher = Candidates.cipher(implementation, key);
    int slot = length + TransportCipher.TAG_LENGTH;
    plain = new byte[atOnce * slot];
    bytes = plain.clone();
    offsets = new int[atOnce];
    lengths = new int[atOnce];
    sealedLengths = new int[atOnce];
    Arrays.setAll(offsets, i -> i * slot);
    Arrays.fill(lengths, length);
    Arrays.fill(sealedLengths, slot);
    genuine = new boolean[atOnce];
    // Two runs by turns: the JDK's cipher initialises twice for the counter that it had last.
    sealed = new byte[2][];
    counters = new long[2][atOnce];
    for (int run = 0; run < 2; run++) {
      sealed[run] = plain.clone();
      long first = nextCounter;
      Arrays.setAll(counters[run], i -> first + i);
      cipher.seal(sealed[run], offsets, lengths, 0, atOnce, first);
      nextCounter += atOnce;
    }
  }

  @Benchmark
  public byte[] seal() {
    cipher.seal(bytes, offsets, lengths, 0, atOnce, nextCounter);
    nextCounter += atOnce;
    return bytes;
  }

  /** Includes the copy of the ciphertext, some 20 ns for 1424 bytes. */
  @Benchmark
  public boolean open() {
    turn ^= 1;
    System.arraycopy(sealed[turn], 0, bytes, 0, bytes.length);
    cipher.open(bytes, offsets, sealedLengths, counters[turn], 0, atOnce, genuine);
    if (!genuine[0]) {
      throw new IllegalStateException("the benchmark's own packet is refused");
    }
    return genuine[atOnce - 1];
  }
}
