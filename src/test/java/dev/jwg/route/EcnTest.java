package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Not-ECT is 0, ECT(1) is 1, ECT(0) is 2 and CE is 3. */
class EcnTest {
  private static final int DSCP = 0xb8;

  /** INET_ECN_encapsulate of the kernel's include/net/inet_ecn.h. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 2", "3, 2"})
  void outwardGoesTheFieldButNoCeAndNoDscp(int inner, int outer) {
    assertEquals(outer, Ecn.outward(DSCP | inner));
  }

  /** INET_ECN_decapsulate, row by row; the last column says whether a mark of the path is lost. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, false", "0, 1, 0, false", "0, 2, 0, false", "0, 3, 0, true",
    "1, 0, 1, false", "1, 1, 1, false", "1, 2, 1, false", "1, 3, 3, false",
    "2, 0, 2, false", "2, 1, 1, false", "2, 2, 2, false", "2, 3, 3, false",
    "3, 0, 3, false", "3, 1, 3, false", "3, 2, 3, false", "3, 3, 3, false",
  })
  void inwardCombinesAsTheKernelDoes(int inner, int outer, int expected, boolean isLost) {
    assertEquals(DSCP | expected, Ecn.inward(outer, DSCP | inner));
    assertEquals(DSCP | expected, Ecn.inward(0x88 | outer, DSCP | inner), "the outer DSCP stays outside");
    assertEquals(isLost, Ecn.isLost(0x88 | outer, DSCP | inner));
  }
}
