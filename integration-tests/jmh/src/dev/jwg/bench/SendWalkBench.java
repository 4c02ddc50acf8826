package dev.jwg.bench;

import dev.jwg.net.Batch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * The send walk, from a read of the TUN device to a port that swallows the datagrams: time and allocation of a packet. With
 * the JDK's cipher, the allocation is the cipher's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SendWalkBench {
  @Param public Shape shape;

  @Param({"OURS", "JDK", "DEFAULT"})
  public String cipher;

  private Walk walk;
  private Batch batch;

  @Setup
  public void meet() {
    walk = new Walk(shape, cipher, cipher);
    batch = walk.newBatch();
  }

  @Benchmark
  @OperationsPerInvocation(Walk.PACKETS)
  public long send() {
    for (int i = 0; i < walk.rounds(); i++) {
      walk.send(batch);
    }
    return walk.sent().discarded();
  }

  @TearDown
  public void requireDatagrams() {
    if (walk.sent().discarded() == 0) {
      throw new IllegalStateException("nothing was sent");
    }
  }
}
