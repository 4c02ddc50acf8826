package dev.jwg.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashMap;
import java.util.Map;

/** What outlives the single test because it takes long to start: guests, and the switch that they are on. */
final class Rack implements AutoCloseable {
  private final Switch outside = new Switch();
  private final Map<String, Guest> guests = new HashMap<>();
  private int booted;

  Switch outside() {
    return outside;
  }

  /** The guest with this kernel, booted if it has not been; where there is none, the test is skipped. */
  Guest guest(String kernel) {
    assumeTrue(Guest.isInstalled(kernel), "no guest with kernel " + kernel + ": see integration-tests/setup");
    return guests.computeIfAbsent(kernel, name -> new Guest(outside.host(), name, ++booted));
  }

  @Override
  public void close() {
    outside.close();
  }
}
