package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes an interface what a file says, changing only what differs in its peers. */
@Command(name = "syncconf", description = "Sets an interface to a file, as `wg syncconf` does; sessions of peers that stay live on.")
final class SyncConf implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private ConfArguments arguments;

  private final UapiClient client;

  SyncConf() {
    this(SocketFile.DIRECTORY);
  }

  SyncConf(Path sockets) {
    client = new UapiClient(sockets);
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    return arguments.apply(client, (changes, config) -> changes.syncconf(config, client.get(arguments.name())));
  }
}
