package dev.jwg.cli;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.config.SetArguments;
import dev.jwg.config.WgChange;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes an interface and its peers by words of the command line. */
@Command(
    name = "set",
    description = {
      "Changes an interface, as `wg set` does. Words for the interface come first:",
      "  listen-port PORT, fwmark MARK|off, private-key FILE",
      "Then any number of `peer KEY`, each followed by words for it:",
      "  remove, preshared-key FILE, endpoint HOST:PORT, persistent-keepalive SECONDS|off,",
      "  allowed-ips [+|-]PREFIX[,[+|-]PREFIX]...",
      "An empty file removes the key. Allowed IPs replace those that the peer has, unless one begins with + or -."
    })
final class Set implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "The interface, such as wg0.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String name;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "WORD", description = "As above.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private List<String> words;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli
  private LogOptions log;

  private final UapiClient client;

  Set() {
    this(SocketFile.DIRECTORY);
  }

  Set(Path sockets) {
    client = new UapiClient(sockets);
  }

  /** Lets a removed prefix, {@code -10.0.0.0/8}, be a word. */
  @Spec
  void acceptWordsWithHyphen(CommandSpec spec) {
    spec.parser().unmatchedOptionsArePositionalParams(true);
  }

  @Override
  public Integer call() throws IOException, ConfigException {
    log.apply();
    WgChange change = SetArguments.parse(words);
    client.set(name, new Changes("set").set(change));
    return 0;
  }
}
