package dev.jwg.noise;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;

/** Our own static key pair. Whoever owns the private key erases it. */
public record LocalStatic(PrivateKey privateKey, PublicKey publicKey) {

  public static LocalStatic of(PrivateKey privateKey) {
    return new LocalStatic(privateKey, X25519.publicKey(privateKey));
  }
}
