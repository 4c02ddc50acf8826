package dev.jwg.cli;

import dev.jwg.crypto.PresharedKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A new preshared key. */
@Command(name = "genpsk", description = "Prints a new preshared key in base64.")
final class GenPsk implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    byte[] random = new byte[PresharedKey.LENGTH];
    new SecureRandom().nextBytes(random);
    try (PresharedKey key = PresharedKey.of(random)) {
      KeyOutput.print(key.toBase64(), spec.commandLine().getOut(), spec.commandLine().getErr());
    } finally {
      Arrays.fill(random, (byte) 0);
    }
    return 0;
  }
}
