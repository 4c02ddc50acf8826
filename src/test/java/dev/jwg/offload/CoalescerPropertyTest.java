package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What comes out, cut again, is what went in: byte for byte, and for each flow in order. */
class CoalescerPropertyTest {
  private final Reads reads = new Reads();
  private Coalescer coalescer = new Coalescer(true);
  private int packets;
  private int writes;

  @Test
  void segmentationUndoesCoalescing() {
    for (int seed = 0; seed < 1_000; seed++) {
      try {
        run(new Random(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(writes < packets * 0.75, packets + " packets made " + writes + " writes: too few were merged");
  }

  @Test
  void segmentationUndoesCoalescingOfTcpAlone() {
    coalescer = new Coalescer(false);
    segmentationUndoesCoalescing();
  }

  private void run(Random random) {
    Sender[] senders = new Sender[1 + random.nextInt(random.nextInt(5) == 0 ? 30 : 5)];
    Arrays.setAll(senders, host -> new Sender(host, random));
    for (int batch = 0; batch < 3; batch++) {
      List<byte[]> run = new ArrayList<>();
      Sender sender = senders[0];
      int count = random.nextInt(65);
      while (run.size() < count) {
        // Bursts of a flow are as common as one packet of each in turn.
        sender = random.nextInt(3) == 0 ? senders[random.nextInt(senders.length)] : sender;
        run.add(sender.next());
      }
      assertSurvives(run, senders);
    }
  }

  private void assertSurvives(List<byte[]> run, Sender[] senders) {
    List<byte[]> written = Writes.of(run, coalescer);
    packets += run.size();
    writes += written.size();
    List<byte[]> arrived = new ArrayList<>();
    for (byte[] write : written) {
      List<byte[]> cut = SlowKernel.segments(write);
      if (cut.size() > 1) {
        SlowKernel.assertWellFormed(write);
      }
      if (write.length >= 10 + 20) {
        assertSame(cut, reads.segments(write), "our own segmenter");
      }
      arrived.addAll(cut);
    }
    Map<Integer, List<byte[]>> expected = byFlow(run, senders);
    Map<Integer, List<byte[]>> actual = byFlow(arrived, senders);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((host, sent) -> assertSame(sent, actual.getOrDefault(host, List.of()), "flow " + host));
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> actual, String what) {
    assertEquals(expected.size(), actual.size(), what);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), what + ", packet " + i);
    }
  }

  private static Map<Integer, List<byte[]>> byFlow(List<byte[]> packets, Sender[] senders) {
    Map<Integer, List<byte[]>> flows = new HashMap<>();
    for (byte[] packet : packets) {
      Sender sender = senders[packet[packet[0] >>> 4 == 6 ? 23 : 15]];
      byte[] compared = sender.isIdFixed() ? withoutId(packet) : packet;
      flows.computeIfAbsent(sender.host(), any -> new ArrayList<>()).add(compared);
    }
    return flows;
  }

  private static byte[] withoutId(byte[] packet) {
    byte[] rest = packet.clone();
    Arrays.fill(rest, 4, 6, (byte) 0);
    Arrays.fill(rest, 10, 12, (byte) 0);
    return rest;
  }
}
