package dev.jwg.metrics;

import dev.jwg.device.DeviceStatistics;
import java.io.IOException;
import java.util.Map;

/** An endpoint as those see it who watch it, from any thread. */
public interface Watched {
  /** The name of its interface. */
  String name();

  /** True until it is set up as its configuration says. */
  boolean isStarting();

  /**
   * What it did so far.
   *
   * @throws IOException it does not answer
   */
  DeviceStatistics statistics() throws IOException;

  /** How often something was dropped, by reason. */
  Map<String, Long> drops();

  /**
   * Returns once each of its threads has answered.
   *
   * @throws IOException one does not
   */
  void requireAlive() throws IOException;
}
