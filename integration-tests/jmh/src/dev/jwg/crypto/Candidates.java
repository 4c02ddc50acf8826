package dev.jwg.crypto;

import dev.jwg.crypto.CipherChoice.Implementation;

/** Opens the package's implementations to the benchmarks. */
public final class Candidates {
  private static final String DEFAULT = "DEFAULT";

  private Candidates() {}

  /** What {@link CipherSelfTest} would choose from, or what is chosen before it has run. */
  public static TransportCipher cipher(String name, byte[] key) {
    return name.equals(DEFAULT) ? TransportCipher.of(key) : Implementation.valueOf(name).under(key);
  }

  /** Lets sessions that begin from now on use one implementation for all packets. */
  public static void choose(String name) {
    if (name.equals(DEFAULT)) {
      CipherChoice.expected(Runtime.version().feature()).apply();
    } else {
      Implementation chosen = Implementation.valueOf(name);
      new CipherChoice(chosen, chosen, chosen).apply();
    }
  }
}
