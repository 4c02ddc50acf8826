package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.daemon.Daemon;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs an endpoint without configuration, for {@code ip} and {@code wg} to set up. */
@Command(
    name = "create",
    description = {
      "Creates an interface without configuration, as `ip link add dev NAME type wireguard` does,",
      "and serves it until it is stopped as with `jwg up`."
    })
final class Create implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "The interface, such as wg0.")
  private String name;

  @Mixin private ServeOptions options = new ServeOptions();

  /** For picocli to fill in. */
  @SuppressWarnings("NullAway.Init")
  Create() {}

  /** Without an option. */
  Create(String name) {
    this.name = name;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    Daemon daemon = new Daemon(name, options.endpoint());
    return options.serve(name, daemon::create);
  }
}
