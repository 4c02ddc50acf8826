package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EcnTest {
  private static final int DSCP = 0xb8;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void outwardCopiesTheFieldAndHidesTheDscp(int ecn) {
    assertEquals(ecn, Ecn.outward(DSCP | ecn));
  }

  /** RFC 6040 figure 4, row by row; the columns are Not-ECT, ECT(0), ECT(1), CE. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0", "0, 2, 0", "0, 1, 0",
    "2, 0, 2", "2, 2, 2", "2, 1, 1", "2, 3, 3",
    "1, 0, 1", "1, 2, 1", "1, 1, 1", "1, 3, 3",
    "3, 0, 3", "3, 2, 3", "3, 1, 3", "3, 3, 3",
  })
  void inwardCombinesAsTheTableSays(int inner, int outer, int expected) {
    assertEquals(DSCP | expected, Ecn.inward(outer, DSCP | inner));
    assertEquals(DSCP | expected, Ecn.inward(0x88 | outer, DSCP | inner), "the outer DSCP stays outside");
  }

  @Test
  void congestionThatTheSenderWouldNotUnderstandIsADrop() {
    assertEquals(Ecn.DROP, Ecn.inward(3, DSCP));
  }
}
