package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.ConfigSource;
import dev.jwg.daemon.Daemon;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an endpoint from a configuration file. */
@Command(
    name = "up",
    description = {
      "Brings up the interface that a configuration file describes and serves it until it is stopped:",
      "by SIGTERM or SIGINT, `jwg down`, or removal of the interface or its UAPI socket.",
      "SIGHUP has the file read again and what changed in it applied; sessions of peers that stay live on.",
      "Where there is no such file, JWG_PRIVATE_KEY_FILE, JWG_PEER_PUBLIC_KEY and others can take its place (jwg(1))."
    })
final class Up implements Callable<Integer> {
  private static final String WATCH_VARIABLE = "JWG_WATCH";

  @Parameters(
      paramLabel = "FILE|NAME",
      description = "A file named after the interface, such as wg0.conf; wg0 alone means /etc/wireguard/wg0.conf.")
  private String target;

  @Option(
      names = "--resolve-interval",
      paramLabel = "SECONDS",
      description =
          "Least time between two lookups of the host name of a peer that does not answer; "
              + "${DEFAULT-VALUE} if not given, 0 for no lookups after the first.")
  private long resolveInterval = 30;

  @Option(
      names = "--watch",
      description = "Apply changes of the file, and of key files that it names, by themselves; so does " + WATCH_VARIABLE + "=1.")
  private boolean watch;

  @Mixin private ServeOptions options = new ServeOptions();

  /** For picocli to fill in. */
  @SuppressWarnings("NullAway.Init")
  Up() {}

  /** Without an option. */
  Up(String target) {
    this.target = target;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    ConfigSource source = ConfigSource.of(ConfigFile.locate(target), System.getenv());
    String name = ConfigFile.interfaceName(source.file());
    boolean watched = watch || isSet(WATCH_VARIABLE, System.getenv(WATCH_VARIABLE));
    Daemon daemon = new Daemon(name, options.endpoint());
    return options.serve(name, () -> daemon.up(source, Duration.ofSeconds(resolveInterval), watched));
  }

  static boolean isSet(String variable, @Nullable String value) throws ConfigException {
    return switch (value == null ? "" : value) {
      case "1", "true" -> true;
      case "", "0", "false" -> false;
      default -> throw new ConfigException(variable, "is neither 1 nor 0");
    };
  }
}
