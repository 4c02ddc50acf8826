package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.daemon.SavedConfig;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Does what {@code wg-quick save} does. */
@Command(
    name = "save",
    description = {
      "Writes an interface's keys, port, mark, peers, addresses and MTU, as they are now, into its file.",
      "The other keys that configure the host stay; comments do not."
    })
final class Save implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME|FILE",
      description = "An interface, with its file /etc/wireguard/NAME.conf; or another file named after it.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  private final Path sockets;

  Save() {
    this(SocketFile.DIRECTORY);
  }

  Save(Path sockets) {
    this.sockets = sockets;
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    Path file = ConfigFile.find(target);
    SavedConfig.write(file, new UapiClient(sockets).get(ConfigFile.interfaceName(file)));
    return 0;
  }
}
