package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.daemon.Detached;
import dev.jwg.metrics.MetricsOptions;
import java.io.IOException;
import java.nio.file.Path;
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

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private LogOptions log;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private WatchOptions watch;

  @Option(names = "--detach", description = "Return once all is up and go on in the background.")
  private boolean detach;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = "Where a detached endpoint appends its log; /var/log/jwg-NAME.log if not given.")
  private @Nullable Path logFile;

  Optional<MetricsOptions> metrics() {
    return watch.metrics();
  }

  /** Runs the service here, or starts it in the background. */
  int serve(String name, Service service) throws IOException, ConfigException {
    log.apply();
    if (detach && !Detached.isChild()) {
      return Detached.launch(logFile == null ? Path.of("/var/log/jwg-" + name + ".log") : logFile);
    }
    service.run();
    return 0;
  }
}
