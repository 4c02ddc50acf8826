package dev.jwg.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Tai64nTest {
  @Test
  void epochIs1970WithTenSecondsOfTaiBeforeIt() {
    assertArrayEquals(HexFormat.of().parseHex("400000000000000a00000000"), bytes(Tai64n.of(Instant.EPOCH)));
  }

  @Test
  void low24BitsOfTheNanosecondsAreNotSent() {
    Tai64n label = Tai64n.of(Instant.ofEpochSecond(1795500000, 0x2123_4567));
    assertArrayEquals(HexFormat.of().parseHex("400000006b0527ea21000000"), bytes(label));
  }

  @Test
  void labelsWithin17MillisecondsAreTheSame() {
    Tai64n label = Tai64n.of(Instant.ofEpochSecond(1, 0));
    assertFalse(Tai64n.of(Instant.ofEpochSecond(1, (1 << 24) - 1)).isAfter(label));
    assertTrue(Tai64n.of(Instant.ofEpochSecond(1, 1 << 24)).isAfter(label));
  }

  @Test
  void theNextLabelIsTheFirstThatIsLater() {
    Tai64n label = Tai64n.of(Instant.ofEpochSecond(1, 0));
    assertEquals(Tai64n.of(Instant.ofEpochSecond(1, 1 << 24)), label.next());
    Tai64n last = label;
    for (Tai64n next = label.next(); next.seconds() == label.seconds(); next = next.next()) {
      assertTrue(next.isAfter(last));
      last = next;
    }
    assertEquals(Tai64n.of(Instant.ofEpochSecond(1, 999_999_999)), last);
    assertEquals(Tai64n.of(Instant.ofEpochSecond(2, 0)), last.next());
  }

  @Test
  void readsWhatItWrote() {
    Tai64n label = Tai64n.of(Instant.ofEpochSecond(1795500000, 999_999_999));
    byte[] around = new byte[20];
    label.write(around, 3);
    assertEquals(label, Tai64n.read(around, 3));
  }

  /** A peer may send any bytes: seconds beyond 2^63 and more nanoseconds than a second has. */
  @Test
  void orderIsThatOfTheBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      byte[] first = new byte[Tai64n.LENGTH];
      random.nextBytes(first);
      byte[] second = first.clone();
      second[random.nextInt(Tai64n.LENGTH)] = (byte) random.nextInt();
      assertEquals(
          Arrays.compareUnsigned(first, second) > 0,
          Tai64n.read(first, 0).isAfter(Tai64n.read(second, 0)),
          "seed " + seed + " round " + i);
    }
  }

  private static byte[] bytes(Tai64n label) {
    byte[] bytes = new byte[Tai64n.LENGTH];
    label.write(bytes, 0);
    return bytes;
  }
}
