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

/** Makes an interface what a file says; what the file leaves out becomes zero. */
@Command(name = "setconf", description = "Sets an interface to a file and nothing else, as `wg setconf` does; sessions end.")
final class SetConf implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ConfArguments arguments;

  private final UapiClient client;

  SetConf() {
    this(SocketFile.DIRECTORY);
  }

  SetConf(Path sockets) {
    client = new UapiClient(sockets);
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    return arguments.apply(client, Changes::setconf);
  }
}
