package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.jwg.net.Batch;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Both directions allocate nothing. The least of many rounds counts: the others were interrupted by the compiler. */
class OffloadAllocationTest {
  private static final int ROUNDS = 2_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final byte[] read = Draft.tcp4().payload(40_000).partial(1, 1_380);
  private final Reads reads = new Reads();
  private final Batch batch = new Batch(100_000, 64);
  private final Coalescer coalescer = new Coalescer(true);
  private int ends;
  private final Coalescer.Sink sink =
      new Coalescer.Sink() {
        @Override
        public void append(byte[] bytes, int offset, int length) {
          // only counted when complete
        }

        @Override
        public void end() {
          ends++;
        }
      };

  @Test
  void bothDirectionsAllocateNothing() {
    long segmenting = Long.MAX_VALUE;
    long coalescing = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      batch.clear();
      long before = threads.getCurrentThreadAllocatedBytes();
      reads.begin(read);
      reads.segmenter().fill(batch);
      long between = threads.getCurrentThreadAllocatedBytes();
      coalescer.coalesce(batch, 0, batch.count(), sink);
      coalescing = Math.min(coalescing, threads.getCurrentThreadAllocatedBytes() - between);
      segmenting = Math.min(segmenting, between - before);
    }
    assertEquals(29, batch.count());
    assertEquals(ROUNDS, ends, "each round merged all");
    assertEquals(0, segmenting);
    assertEquals(0, coalescing);
  }
}
