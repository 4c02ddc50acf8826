package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.KeyOrigins;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.config.WgConfigStripper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code wg-quick strip} prints. */
@Command(
    name = "strip",
    description = "Prints a configuration without the keys that `wg setconf` does not know; it holds the secrets.")
final class Strip implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|NAME",
      description = "A file named after the interface, such as wg0.conf; wg0 alone means /etc/wireguard/wg0.conf.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws ConfigException {
    Path path = ConfigFile.find(target);
    ConfigFile file = ConfigFile.read(path);
    KeyOrigins origins = new KeyOrigins(spec.commandLine().getErr()::println);
    String text = file.text();
    WgConfig config = WgConfigParser.parse(path.toString(), text, WgConfigParser.Dialect.WG_QUICK, origins);
    if (config.holdsSecrets()) {
      origins.file(file);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(WgConfigStripper.strip(path.toString(), text, origins));
    out.flush();
    return 0;
  }
}
