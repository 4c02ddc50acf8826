package dev.jwg.cli;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** An interface and a file of {@code wg}'s configuration for it; a mixin of the commands that apply one. */
final class ConfArguments {
  /** What a command makes of the file. */
  interface Meaning {
    DeviceUpdate update(Changes changes, WgConfig config) throws IOException, ConfigException;
  }

  @Parameters(index = "0", paramLabel = "NAME", description = "The interface, such as wg0.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String name;

  @Parameters(index = "1", paramLabel = "FILE",
      description = "Keys of `wg` only: no Address, DNS, MTU, Table, hooks or SaveConfig.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private Path file;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private LogOptions log;

  String name() {
    return name;
  }

  /** Applies the file; a fault in it changes nothing. */
  int apply(UapiClient client, Meaning meaning) throws IOException, ConfigException {
    log.apply();
    String text = ConfigFile.read(file).text();
    WgConfig config = WgConfigParser.parse(file.toString(), text, WgConfigParser.Dialect.WG);
    client.set(name, meaning.update(new Changes(file.toString()), config));
    return 0;
  }
}
