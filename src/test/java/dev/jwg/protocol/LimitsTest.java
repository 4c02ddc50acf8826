package dev.jwg.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

final class LimitsTest {
  @Test
  void rejectLimitIsThatOfTheWhitepaperWhenReadUnsigned() {
    BigInteger expected = BigInteger.TWO.pow(64).subtract(BigInteger.TWO.pow(13)).subtract(BigInteger.ONE);
    assertEquals(expected, new BigInteger(Long.toUnsignedString(Limits.REJECT_AFTER_MESSAGES)));
    assertTrue(Long.compareUnsigned(Limits.REKEY_AFTER_MESSAGES, Limits.REJECT_AFTER_MESSAGES) < 0);
  }
}
