package dev.jwg.cli;

import dev.jwg.health.HealthCheck;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells whether an endpoint is ready; {@link Main} does the same without picocli where it can. */
@Command(
    name = "health",
    description = {
      "Succeeds if an interface is up and configured; for the probes of containers.",
      "Says why not on standard error."
    })
final class Health implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The interface; the only one that is up if not given.")
  private @Nullable String name;

  @Option(
      names = "--peer",
      paramLabel = "PUBLIC_KEY",
      description = "Also ask for a handshake with this peer that is younger than 180 seconds.")
  private @Nullable String peer;

  @Override
  public Integer call() throws IOException {
    new HealthCheck(SocketFile.DIRECTORY, Optional.ofNullable(name), Optional.ofNullable(peer)).run();
    return 0;
  }
}
