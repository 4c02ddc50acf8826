package dev.jwg.cli;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Adds what a file says; what it leaves out stays. */
@Command(name = "addconf", description = "Adds what a file says to an interface, as `wg addconf` does.")
final class AddConf implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ConfArguments arguments;

  private final UapiClient client;

  AddConf() {
    this(SocketFile.DIRECTORY);
  }

  AddConf(Path sockets) {
    client = new UapiClient(sockets);
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    return arguments.apply(client, Changes::addconf);
  }
}
