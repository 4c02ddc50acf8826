package dev.jwg.crypto;

import org.bouncycastle.crypto.modes.XChaCha20Poly1305;
import org.jspecify.annotations.Nullable;

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): a nonce long enough to be random, which cookie replies need. */
public final class XAead {
  public static final int NONCE_LENGTH = 24;

  private XAead() {}

  /** The ciphertext and, behind it, the tag. */
  public static byte[] seal(byte[] key, byte[] nonce, byte[] associated, byte[] plaintext) {
    return Aead.seal(new XChaCha20Poly1305(), key, nonce, associated, plaintext);
  }

  /** The plaintext, or null if the tag that ends {@code sealed} is wrong. */
  public static byte @Nullable [] open(byte[] key, byte[] nonce, byte[] associated, byte[] sealed) {
    return Aead.open(new XChaCha20Poly1305(), key, nonce, associated, sealed);
  }
}
