package dev.jwg.cli;

import dev.jwg.config.ConfigException;
import dev.jwg.config.KeyFile;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The public key of a private key. */
@Command(name = "pubkey", description = "Reads a private key in base64 from stdin and prints its public key.")
final class PubKey implements Callable<Integer> {
  private static final String NAME = "stdin";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, ConfigException {
    try (PrivateKey key = read(System.in)) {
      spec.commandLine().getOut().println(X25519.publicKey(key));
    }
    return 0;
  }

  static PrivateKey read(InputStream in) throws IOException, ConfigException {
    try {
      return PrivateKey.parseBase64(KeyFile.read(NAME, in).orElse(""));
    } catch (IllegalArgumentException invalid) {
      throw new ConfigException(NAME, String.valueOf(invalid.getMessage()));
    }
  }
}
