package dev.jwg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RehearsalTest {
  /** None may get lost: it would throw. */
  @Test
  void allPacketsGoTheWholeWay() {
    assertTrue(new Rehearsal().run(TimeUnit.MINUTES.toNanos(2)));
  }

  @Test
  void itIsCutShortWhenItsTimeIsUp() {
    assertFalse(new Rehearsal().run(0));
  }
}
