package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.protocol.Limits;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {
  private static final long LAST = Limits.REJECT_AFTER_MESSAGES - 1;
  private static final BigInteger SIZE = BigInteger.valueOf(ReplayWindow.SIZE);

  private final ReplayWindow window = new ReplayWindow();

  @Test
  void theWindowIsAsWideAsTheKernels() {
    assertTrue(ReplayWindow.SIZE >= 8128, "size " + ReplayWindow.SIZE);
  }

  @Test
  void eachCounterIsAcceptedOnce() {
    for (long counter = 0; counter < 20_000; counter++) {
      assertTrue(window.accept(counter), "first " + counter);
      assertFalse(window.accept(counter), "second " + counter);
    }
  }

  @Test
  void theOldestCounterOfTheWindowIsAcceptedAndTheOneBehindItIsNot() {
    assertTrue(window.accept(100_000));
    assertTrue(window.accept(100_000 - ReplayWindow.SIZE + 1));
    assertFalse(window.accept(100_000 - ReplayWindow.SIZE));
  }

  @Test
  void aWholeWindowMayArriveBackwards() {
    for (long counter = ReplayWindow.SIZE - 1; counter >= 0; counter--) {
      assertTrue(window.accept(counter), "counter " + counter);
    }
  }

  @Test
  void aLeapOverTheWholeWindowForgetsNothingThatWasSeen() {
    assertTrue(window.accept(5));
    assertTrue(window.accept(5 + 3L * ReplayWindow.SIZE));
    assertFalse(window.accept(5 + 3L * ReplayWindow.SIZE));
    assertFalse(window.accept(5));
    assertTrue(window.accept(6 + 2L * ReplayWindow.SIZE), "not seen, and within the window");
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 31, Long.MAX_VALUE, Long.MIN_VALUE, LAST})
  void countersMoreThanHalfTheirRangeBehindAreTooOld(long greatest) {
    assertTrue(window.accept(7));
    assertTrue(window.accept(greatest));
    assertFalse(window.accept(0), "never seen, but too old");
    assertFalse(window.accept(7));
    assertFalse(window.accept(greatest));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 32, Long.MAX_VALUE - 9_000, Long.MIN_VALUE - 100, LAST - 40_000})
  void agreesWithASetOfAllCountersSeen(long start) {
    for (long seed = 0; seed < 20; seed++) {
      compareWithSet(start, seed);
    }
  }

  private static void compareWithSet(long start, long seed) {
    ReplayWindow window = new ReplayWindow();
    Random random = new Random(seed);
    Set<BigInteger> seen = new HashSet<>();
    BigInteger greatest = BigInteger.ZERO;
    long around = start;
    for (int i = 0; i < 5_000; i++) {
      around += random.nextInt(100) == 0 ? random.nextInt(3 * ReplayWindow.SIZE) : random.nextInt(3);
      long counter = around - (random.nextInt(4) == 0 ? random.nextInt(2 * ReplayWindow.SIZE) : random.nextInt(40));
      if (Long.compareUnsigned(counter, around) > 0 || Long.compareUnsigned(counter, LAST) > 0) {
        continue; // wrapped below zero, or what the session refuses before it gets here
      }
      BigInteger exact = new BigInteger(Long.toUnsignedString(counter));
      boolean expected = exact.compareTo(greatest.subtract(SIZE)) > 0 && seen.add(exact);
      assertEquals(expected, window.accept(counter), "seed " + seed + ", counter " + exact + " after " + greatest);
      greatest = greatest.max(exact);
    }
  }
}
