package dev.jwg.cli;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A new private key. */
@Command(name = "genkey", description = "Prints a new private key in base64.")
final class GenKey implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (PrivateKey key = X25519.generate(new SecureRandom())) {
      KeyOutput.print(key.toBase64(), spec.commandLine().getOut(), spec.commandLine().getErr());
    }
    return 0;
  }
}
