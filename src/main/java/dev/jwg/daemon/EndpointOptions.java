package dev.jwg.daemon;

import dev.jwg.metrics.MetricsOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How an endpoint runs, apart from its configuration.
 *
 * @param offloads which offloads it may use
 * @param shards how many data shards packets pass on; an interface that was made for one queue has one
 * @param keyLog where the keys of all handshakes go, for whoever is to read the traffic
 * @param metrics where it can be watched
 */
public record EndpointOptions(
    Offloads offloads, int shards, Optional<Path> keyLog, Optional<MetricsOptions> metrics) {

  /** The most data shards that make sense, and far from the 256 queues that the kernel's TUN device can have. */
  public static final int MAX_SHARDS = 64;

  /** What an endpoint does of itself. */
  public static final EndpointOptions DEFAULT =
      new EndpointOptions(Offloads.ALL, defaultShards(), Optional.empty(), Optional.empty());

  /** How many data shards suit this machine. */
  public static int defaultShards() {
    return DataShards.defaultFor(Runtime.getRuntime().availableProcessors());
  }
}
