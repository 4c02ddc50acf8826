package dev.jwg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Batch;
import dev.jwg.net.Checksum;
import dev.jwg.offload.Coalescer;
import dev.jwg.offload.Segmenter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReadsTest {
  private static final int IP_HEADER = 20;

  @ParameterizedTest
  @CsvSource({"0, 52", "37, 89", "1368, 1420", "1369, 1420 53", "4104, 1420 1420 1420"})
  void segmentsAreOfTheDefaultMtuWithRightChecksums(int payload, String lengths) {
    Batch batch = segment(Reads.ofStream(payload, true));
    List<String> segments = new ArrayList<>();
    for (int slot = 0; slot < batch.count(); slot++) {
      int offset = batch.offset(slot);
      int length = batch.length(slot);
      segments.add(Integer.toString(length));
      assertEquals(0xffff, Checksum.sum(batch.bytes(), offset, IP_HEADER), "IP header of segment " + slot);
      int pseudoHeader = Checksum.sum(batch.bytes(), offset + 12, 8) + 6 + length - IP_HEADER;
      int covered = Checksum.sum(batch.bytes(), offset + IP_HEADER, length - IP_HEADER);
      assertEquals(0xffff, Checksum.fold(pseudoHeader + covered), "TCP of segment " + slot);
    }
    assertEquals(lengths, String.join(" ", segments));
  }

  @ParameterizedTest
  @CsvSource({"47, 1", "2, 1", "1, 1"})
  void segmentsAreMergedAgain(int segments, int writes) {
    Batch batch = segment(Reads.ofStream(segments * Reads.SEGMENT, false));
    assertEquals(segments, batch.count());
    List<String> ends = new ArrayList<>();
    new Coalescer(true).coalesce(batch, 0, batch.count(), new Coalescer.Sink() {
      @Override
      public void append(byte[] bytes, int offset, int length) {}

      @Override
      public void end() {
        ends.add("end");
      }
    });
    assertEquals(writes, ends.size());
  }

  private static Batch segment(byte[] read) {
    Batch batch = new Batch(Batch.capacityFor(64, 2 * Batch.MAX_LENGTH), 64);
    Segmenter segmenter =
        new Segmenter((offset, target, to, length) -> System.arraycopy(read, offset, target, to, length));
    assertEquals(Segmenter.Verdict.OK, segmenter.begin(read.length));
    assertTrue(segmenter.fill(batch));
    return batch;
  }
}
