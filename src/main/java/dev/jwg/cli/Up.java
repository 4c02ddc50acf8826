package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.daemon.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an endpoint from a configuration file. */
@Command(
    name = "up",
    description = {
      "Brings up the interface that a configuration file describes and serves it until it is stopped:",
      "by SIGTERM or SIGINT, `jwg down`, or removal of the interface or its UAPI socket."
    })
final class Up implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|NAME",
      description = "A file named after the interface, such as wg0.conf; wg0 alone means /etc/wireguard/wg0.conf.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  @Option(
      names = "--resolve-interval",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Least time between two lookups of the host name of a peer that does not answer; "
              + "${DEFAULT-VALUE} if not given, 0 for no lookups after the first.")
  private long resolveInterval;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ServeOptions options;

  @Override
  public Integer call() throws IOException, ConfigException {
    Path path = ConfigFile.find(target);
    String name = ConfigFile.interfaceName(path);
    Daemon daemon = new Daemon(name, options.endpoint());
    return options.serve(name, () -> up(path, daemon));
  }

  private void up(Path path, Daemon daemon) throws IOException, ConfigException {
    ConfigFile file = ConfigFile.read(path);
    WgConfig config = WgConfigParser.parse(path.toString(), file.text(), WgConfigParser.Dialect.WG_QUICK);
    if (file.readableByOthers() && config.holdsSecrets()) {
      throw new ConfigException(path.toString(), "every user can read the keys in it: chmod 600 " + path);
    }
    daemon.up(path, config, Duration.ofSeconds(resolveInterval));
  }
}
