package dev.jwg.daemon;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How an endpoint runs, apart from its configuration.
 *
 * @param offloads which offloads it may use
 * @param keyLog where the keys of all handshakes go, for whoever is to read the traffic
 */
public record EndpointOptions(Offloads offloads, Optional<Path> keyLog) {
  /** What an endpoint does of itself. */
  public static final EndpointOptions DEFAULT = new EndpointOptions(Offloads.ALL, Optional.empty());
}
