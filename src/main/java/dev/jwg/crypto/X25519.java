package dev.jwg.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Diffie-Hellman on Curve25519 (RFC 7748 section 5). */
public final class X25519 {
  private X25519() {}

  /** A new private key, already clamped as wg(8) prints it. The caller erases it. */
  public static PrivateKey generate(SecureRandom random) {
    byte[] scalar = new byte[PrivateKey.LENGTH];
    try {
      org.bouncycastle.math.ec.rfc7748.X25519.generatePrivateKey(random, scalar);
      return PrivateKey.of(scalar);
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  /** The key as it takes part in the computation (RFC 7748 section 5), which is how the kernel keeps and shows it. */
  public static PrivateKey clamp(PrivateKey key) {
    byte[] scalar = key.toBytes();
    try {
      org.bouncycastle.math.ec.rfc7748.X25519.clampPrivateKey(scalar);
      return PrivateKey.of(scalar);
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  public static PublicKey publicKey(PrivateKey key) {
    byte[] scalar = key.toBytes();
    try {
      byte[] point = new byte[PublicKey.LENGTH];
      org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(scalar, 0, point, 0);
      return PublicKey.of(point);
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  /**
   * The secret both sides compute; the caller erases it.
   *
   * @return null if it is all zero, as points of small order make it (RFC 7748 section 6.1): abort the handshake
   */
  public static byte @Nullable [] sharedSecret(PrivateKey ours, PublicKey theirs) {
    byte[] scalar = ours.toBytes();
    byte[] secret = new byte[Key.LENGTH];
    try {
      boolean nonZero =
          org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(scalar, 0, theirs.toBytes(), 0, secret, 0);
      return nonZero ? secret : null;
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }
}
