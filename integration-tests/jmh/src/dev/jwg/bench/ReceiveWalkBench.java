package dev.jwg.bench;

import dev.jwg.net.Batch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The receive walk, from a read of the port to a TUN device that swallows the packets: time and allocation of a packet.
 * With the JDK's cipher, the allocation is the cipher's. Before each round, untimed, new datagrams are sealed by ours,
 * which allocates nothing, because the replay window takes none twice.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ReceiveWalkBench {
  @Param public Shape shape;

  @Param({"OURS", "JDK", "DEFAULT"})
  public String cipher;

  private Walk walk;
  private Batch[] batches;
  private long rounds;

  @Setup
  public void meet() {
    walk = new Walk(shape, /* sealing= */ "OURS", /* opening= */ cipher);
    batches = new Batch[walk.rounds()];
    for (int i = 0; i < batches.length; i++) {
      batches[i] = walk.newBatch();
    }
  }

  @Setup(Level.Invocation)
  public void seal() {
    for (Batch batch : batches) {
      walk.sealNext(batch);
    }
    rounds++;
  }

  @Benchmark
  @OperationsPerInvocation(Walk.PACKETS)
  public long receive() {
    for (Batch batch : batches) {
      walk.receive(batch);
    }
    return walk.received().discarded();
  }

  @TearDown
  public void requireAll() {
    if (walk.received().discarded() != rounds * Walk.PACKETS) {
      throw new IllegalStateException("some packets were dropped");
    }
  }
}
