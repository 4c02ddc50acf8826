package dev.jwg.daemon;

import dev.jwg.metrics.MetricsOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How an endpoint runs, apart from its configuration.
 *
 * @param offloads which offloads it may use
 * @param keyLog where the keys of all handshakes go, for whoever is to read the traffic
 * @param metrics where it can be watched
 */
public record EndpointOptions(Offloads offloads, Optional<Path> keyLog, Optional<MetricsOptions> metrics) {
  /** What an endpoint does of itself. */
  public static final EndpointOptions DEFAULT =
      new EndpointOptions(Offloads.ALL, Optional.empty(), Optional.empty());
}
