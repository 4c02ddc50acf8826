package dev.jwg.cli;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The public key of a private key. */
@Command(name = "pubkey", description = "Reads a private key in base64 from stdin and prints its public key.")
final class PubKey implements Callable<Integer> {
  private static final int BASE64_LENGTH = 44;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    try (PrivateKey key = read(System.in)) {
      spec.commandLine().getOut().println(X25519.publicKey(key));
    }
    return 0;
  }

  /** 44 characters, then nothing but white space up to the end. */
  static PrivateKey read(InputStream in) throws IOException {
    String text = new String(in.readNBytes(BASE64_LENGTH), StandardCharsets.US_ASCII);
    PrivateKey key = parse(text);
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (!Character.isWhitespace(next)) {
        key.close();
        throw new IOException("stdin: something follows the key: give the key alone");
      }
    }
    return key;
  }

  private static PrivateKey parse(String text) throws IOException {
    try {
      return PrivateKey.parseBase64(text);
    } catch (IllegalArgumentException invalid) {
      throw new IOException("stdin: " + invalid.getMessage(), invalid);
    }
  }
}
