package dev.jwg.bench;

import dev.jwg.net.Batch;
import dev.jwg.offload.Coalescer;
import dev.jwg.offload.Segmenter;
import dev.jwg.offload.TcpReads;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Segmenting a read of 44 full TCP segments, and coalescing them again, checksums and the one copy included: time and
 * allocation of a packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OffloadBench {
  private static final int PACKETS = 44;

  /** An MTU of 1420 without the headers of IPv4 and TCP. */
  private static final int SEGMENT = 1380;

  private static final int HEADERS = 40;

  private final byte[] read = TcpReads.superPacket(PACKETS, SEGMENT);
  private final Batch segmented = new Batch(Batch.capacityFor(PACKETS, PACKETS * (HEADERS + SEGMENT)), PACKETS);
  private final Batch received = new Batch(Batch.capacityFor(PACKETS, PACKETS * (HEADERS + SEGMENT)), PACKETS);
  private final Segmenter segmenter =
      new Segmenter((offset, target, to, length) -> System.arraycopy(read, offset, target, to, length));
  private final Coalescer coalescer = new Coalescer(/* mergesUdp= */ true);
  private final Written written = new Written();
  private byte[] firstHeaders;

  @Setup
  public void fill() {
    segment();
    for (int slot = 0; slot < PACKETS; slot++) {
      received.append(segmented.bytes(), segmented.offset(slot), segmented.length(slot));
    }
    firstHeaders = Arrays.copyOfRange(received.bytes(), received.offset(0), received.offset(0) + HEADERS);
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public int segment() {
    segmented.clear();
    if (segmenter.begin(read.length) != Segmenter.Verdict.OK || !segmenter.fill(segmented)) {
      throw new IllegalStateException("the benchmark's own read is refused");
    }
    return segmented.count();
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public int coalesce() {
    // The first one's headers have become those of all.
    System.arraycopy(firstHeaders, 0, received.bytes(), received.offset(0), HEADERS);
    written.used = 0;
    written.ended = 0;
    coalescer.coalesce(received, 0, PACKETS, written);
    if (written.ended != 1) {
      throw new IllegalStateException("the packets were not merged into one");
    }
    return written.used;
  }

  /** Takes the place of the kernel's buffer. */
  private static final class Written implements Coalescer.Sink {
    private final byte[] bytes = new byte[2 * Batch.MAX_LENGTH];
    private int used;
    private int ended;

    @Override
    public void append(byte[] from, int offset, int length) {
      System.arraycopy(from, offset, bytes, used, length);
      used += length;
    }

    @Override
    public void end() {
      ended++;
    }
  }
}
