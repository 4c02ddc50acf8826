package dev.jwg.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.CipherChoice.Implementation;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CipherSelfTestTest {
  private static final byte[] KEY = AeadVectors.SUNSCREEN_KEY;

  private final CipherChoice before = CipherChoice.current();

  @AfterEach
  void restore() {
    before.apply();
  }

  @ParameterizedTest
  @EnumSource
  void everyImplementationKnowsTheAnswer(Implementation implementation) {
    assertTrue(CipherSelfTest.knowsTheAnswer(implementation.under(KEY)));
  }

  @Test
  void anotherKeyDoesNot() {
    byte[] key = KEY.clone();
    key[31] ^= 1;
    assertFalse(CipherSelfTest.knowsTheAnswer(new VectorTransportCipher(key)));
  }

  @Test
  void cipherThatOpensForgeriesOrGarblesDoesNot() {
    assertFalse(CipherSelfTest.knowsTheAnswer(new Careless(true, 0)));
    assertFalse(CipherSelfTest.knowsTheAnswer(new Careless(false, 1)));
    assertTrue(CipherSelfTest.knowsTheAnswer(new Careless(false, 0)));
  }

  @Test
  void measuresAndTellsWhatItChose() {
    String report = CipherSelfTest.run();
    assertNotSame(before, CipherChoice.current());
    assertTrue(
        report.matches(
            "transport cipher, ns per packet: 64 bytes: %1$s; 1424 bytes: %1$s; 44 times 1424 bytes: %1$s"
                .formatted("[A-Za-z]+ \\d+, [A-Za-z]+ \\d+, [A-Za-z]+ \\d+")),
        report);
  }

  @Test
  void checkTellsWhatIsChosenUntilItIsMeasured() {
    new CipherChoice(Implementation.OURS, Implementation.JDK, Implementation.BOUNCY_CASTLE).apply();
    assertEquals(
        "transport cipher: ours for packets up to 384 bytes, BouncyCastle for 8 and more in a row, JDK for the rest",
        CipherSelfTest.check());
  }

  @Test
  void oursHasToBeBeatenClearly() {
    assertEquals(
        Implementation.OURS,
        CipherSelfTest.fastest(
            Map.of(Implementation.OURS, 1040L, Implementation.JDK, 1000L, Implementation.BOUNCY_CASTLE, 5000L)));
    assertEquals(
        Implementation.JDK,
        CipherSelfTest.fastest(
            Map.of(Implementation.OURS, 1060L, Implementation.JDK, 1000L, Implementation.BOUNCY_CASTLE, 5000L)));
    assertEquals(
        Implementation.BOUNCY_CASTLE,
        CipherSelfTest.fastest(Map.of(Implementation.OURS, 1060L, Implementation.BOUNCY_CASTLE, 900L)));
  }

  /** Ours, but for one fault in what it opens. */
  private static final class Careless implements TransportCipher {
    private final TransportCipher honest = new VectorTransportCipher(KEY);
    private final boolean opensForgeries;
    private final int garble;

    Careless(boolean opensForgeries, int garble) {
      this.opensForgeries = opensForgeries;
      this.garble = garble;
    }

    @Override
    public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
      honest.seal(bytes, offsets, lengths, from, to, firstCounter);
    }

    @Override
    public void open(
        byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
      honest.open(bytes, offsets, lengths, counters, from, to, genuine);
      bytes[offsets[from]] ^= (byte) garble;
      for (int i = from; i < to; i++) {
        genuine[i] |= opensForgeries;
      }
    }

    @Override
    public void erase() {
      honest.erase();
    }

    @Override
    public void wipe() {
      honest.wipe();
    }
  }
}
