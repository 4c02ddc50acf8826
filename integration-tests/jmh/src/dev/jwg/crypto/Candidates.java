package dev.jwg.crypto;

/** Opens the package's implementations to the benchmarks. */
public final class Candidates {
  private Candidates() {}

  /** What {@link CipherSelfTest} would choose from, or what is chosen before it has run. */
  public static TransportCipher cipher(String name, byte[] key) {
    return name.equals("DEFAULT")
        ? TransportCipher.of(key)
        : CipherChoice.Implementation.valueOf(name).under(key);
  }
}
