package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SessionLimitsTest {
  @Test
  void initiatorRekeysOnReceiptWhileAHandshakeStillFits() {
    assertEquals(Duration.ofSeconds(165).toNanos(), SessionLimits.WHITEPAPER.rekeyOnReceiveAfterNs());
  }

  @Test
  void keysAreErasedAfterThreeTimesTheLifeOfASession() {
    assertEquals(Duration.ofMinutes(9).toNanos(), SessionLimits.WHITEPAPER.eraseAfterNs());
  }
}
