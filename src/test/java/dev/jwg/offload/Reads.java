package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.net.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One read after another, in an array instead of the kernel's buffer. */
final class Reads {
  private final byte[] buffer = new byte[10 + 65535 + 1];
  private final Segmenter segmenter = new Segmenter((from, to, at, n) -> System.arraycopy(buffer, from, to, at, n));

  Segmenter segmenter() {
    return segmenter;
  }

  Segmenter.Verdict begin(byte[] read) {
    System.arraycopy(read, 0, buffer, 0, read.length);
    return segmenter.begin(read.length);
  }

  /** The packets that a good read stands for, by batches of a few. */
  List<byte[]> segments(byte[] read, Batch batch) {
    assertEquals(Segmenter.Verdict.OK, begin(read));
    List<byte[]> packets = new ArrayList<>();
    boolean isDone = false;
    while (!isDone) {
      batch.clear();
      isDone = segmenter.fill(batch);
      for (int slot = 0; slot < batch.count(); slot++) {
        int at = batch.offset(slot);
        packets.add(Arrays.copyOfRange(batch.bytes(), at, at + batch.length(slot)));
      }
    }
    return packets;
  }

  List<byte[]> segments(byte[] read) {
    return segments(read, new Batch(200_000, 64));
  }
}
