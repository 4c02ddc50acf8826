package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.daemon.Daemon;
import dev.jwg.daemon.Detached;
import dev.jwg.daemon.EndpointOptions;
import dev.jwg.daemon.Offloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command that serves an endpoint runs: in the foreground or detached, and what it logs; a mixin. */
final class ServeOptions {
  /** Serves until it is stopped. */
  interface Service {
    void run() throws IOException, ConfigException;
  }

  private static final String SHARDS_VARIABLE = "JWG_SHARDS";

  @Mixin private LogOptions log = new LogOptions();
  @Mixin private ObserveOptions observe = new ObserveOptions();

  @Option(names = "--detach", description = "Return once all is up and go on in the background.")
  private boolean detach;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = "Where a detached endpoint appends its log; /var/log/jwg-NAME.log if not given.")
  private @Nullable Path logFile;

  @Option(
      names = "--key-log",
      paramLabel = "FILE",
      description =
          "Appends the keys of each handshake to the file, for Wireshark's preference wg.keylog_file. "
              + "Anyone who has the file can read the traffic.")
  private @Nullable Path keyLog;

  @Option(names = "--no-tun-offload", description = "Read and write the interface packet by packet: no segmentation offload.")
  private boolean noTunOffload;

  @Option(names = "--no-udp-gso", description = "Send datagrams one by one: no UDP segmentation offload.")
  private boolean noUdpGso;

  @Option(names = "--no-udp-gro", description = "Receive datagrams one by one: no UDP receive offload.")
  private boolean noUdpGro;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Pass packets on N threads, each with a queue of the interface and sockets of its own; else " + SHARDS_VARIABLE
              + " of the environment, else 1 on up to 3 cores and one for every two of more, 8 at most.")
  private @Nullable String shards;

  /** What the endpoint itself has to know of these. */
  EndpointOptions endpoint() throws ConfigException {
    Offloads offloads = new Offloads(!noTunOffload, !noUdpGso, !noUdpGro);
    return new EndpointOptions(offloads, shards(System.getenv()), Optional.ofNullable(keyLog), observe.metrics());
  }

  /** Flag, then variable, then what suits the machine. */
  int shards(Map<String, String> environment) throws ConfigException {
    if (shards != null) {
      return parseShards("--shards", shards);
    }
    String variable = environment.getOrDefault(SHARDS_VARIABLE, "");
    return variable.isEmpty() ? EndpointOptions.defaultShards() : parseShards(SHARDS_VARIABLE, variable);
  }

  private static int parseShards(String source, String text) throws ConfigException {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= EndpointOptions.MAX_SHARDS) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // said below
    }
    throw new ConfigException(source, "is not a number from 1 to " + EndpointOptions.MAX_SHARDS);
  }

  /** Runs the service here, or starts it in the background. */
  int serve(String name, Service service) throws IOException, ConfigException {
    log.apply();
    if (detach && !Detached.isChild()) {
      return Detached.launch(logFile == null ? Path.of("/var/log/jwg-" + name + ".log") : logFile);
    }
    Daemon.prepare();
    service.run();
    return 0;
  }
}
