package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The segmenter against one that is slow and simple, and against reads that no kernel would make. */
class SegmenterPropertyTest {
  private final Reads reads = new Reads();
  private final Batch batch = new Batch(100_000, 5);

  @Test
  void cutsAsTheSlowKernelDoes() {
    for (int seed = 0; seed < 2_000; seed++) {
      byte[] read = superPacket(new Random(seed));
      List<byte[]> expected = SlowKernel.segments(read);
      List<byte[]> actual = reads.segments(read, batch);
      assertEquals(expected.size(), actual.size(), "seed " + seed);
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), actual.get(i), "seed " + seed + ", packet " + i);
      }
    }
  }

  private static byte[] superPacket(Random random) {
    boolean isV6 = random.nextBoolean();
    boolean isTcp = random.nextInt(3) > 0;
    int payload = random.nextInt(10) == 0 ? random.nextInt(65_000) : random.nextInt(3_000);
    Draft draft =
        Draft.of(isV6, isTcp)
            .tos(random.nextInt(256))
            .ttl(random.nextInt(256))
            .id(random.nextInt(65_536))
            .sequence(random.nextInt())
            .acknowledgment(random.nextInt())
            .flags(random.nextInt(256))
            .window(random.nextInt(65_536))
            .tcpOptions(new byte[4 * random.nextInt(11)])
            .payload(payload);
    if (random.nextInt(4) == 0) {
      draft.ipOptions(new byte[4 * random.nextInt(11)]).extension(8 * (1 + random.nextInt(3)));
    }
    int type = isTcp ? (isV6 ? 4 : 1) | (random.nextBoolean() ? 0x80 : 0) : 5;
    return draft.partial(random.nextInt(10) == 0 ? 0 : type, payload / 50 + 1 + random.nextInt(1_400));
  }

  @Test
  void hostileReadsAreRefusedOrCutButNeverThrow() {
    int refused = 0;
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] read = hostile(random);
      try {
        if (reads.begin(read) != Segmenter.Verdict.OK) {
          refused++;
        }
        int packets = 0;
        boolean isDone = false;
        while (!isDone) {
          batch.clear();
          isDone = reads.segmenter().fill(batch);
          packets += batch.count();
        }
        assertTrue(packets <= Math.max(1, read.length), packets + " packets");
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refused > 2_000 && refused < 18_000, refused + " refused: the test is lopsided");
  }

  private static byte[] hostile(Random random) {
    byte[] read = random.nextInt(10) == 0 ? Draft.filled(random.nextInt(200), random.nextInt()) : superPacket(random);
    int headers = Math.min(read.length, 120);
    for (int flips = random.nextInt(4); flips > 0 && headers > 0; flips--) {
      int within = random.nextBoolean() ? Math.min(10, headers) : headers;
      read[random.nextInt(within)] = (byte) random.nextInt();
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(read, random.nextInt(read.length + 1)) : read;
  }
}
