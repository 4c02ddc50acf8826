package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.ConfigException;
import org.junit.jupiter.api.Test;

final class UpTest {
  @Test
  void aSwitchInTheEnvironmentIsOnOffOrRefused() throws ConfigException {
    assertTrue(Up.isSet("JWG_WATCH", "1") && Up.isSet("JWG_WATCH", "true"));
    assertFalse(Up.isSet("JWG_WATCH", null) || Up.isSet("JWG_WATCH", "") || Up.isSet("JWG_WATCH", "0"));
    ConfigException refused = assertThrows(ConfigException.class, () -> Up.isSet("JWG_WATCH", "yes please"));
    assertEquals("JWG_WATCH: is neither 1 nor 0", refused.getMessage());
  }
}
