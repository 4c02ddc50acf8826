package dev.jwg.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * ChaCha20-Poly1305 (RFC 8439) for the fields of handshake messages, one call each; {@link TransportCipher} is the one
 * for packets. The nonce is four zero bytes and the counter (whitepaper section 5.4).
 */
public final class Aead {
  public static final int TAG_LENGTH = 16;
  private static final int NONCE_LENGTH = 12;
  private static final int NONCE_COUNTER = 4;

  private Aead() {}

  /** The ciphertext and, behind it, the tag. */
  public static byte[] seal(byte[] key, long counter, byte[] associated, byte[] plaintext) {
    return seal(new ChaCha20Poly1305(), key, nonce(counter), associated, plaintext);
  }

  /** The plaintext, or null if the tag that ends {@code sealed} is wrong. */
  public static byte @Nullable [] open(byte[] key, long counter, byte[] associated, byte[] sealed) {
    return open(new ChaCha20Poly1305(), key, nonce(counter), associated, sealed);
  }

  static byte[] seal(AEADCipher cipher, byte[] key, byte[] nonce, byte[] associated, byte[] plaintext) {
    cipher.init(true, parameters(key, nonce, associated));
    try {
      return run(cipher, plaintext);
    } catch (InvalidCipherTextException onlyWhenOpening) {
      throw new AssertionError(onlyWhenOpening);
    }
  }

  static byte @Nullable [] open(AEADCipher cipher, byte[] key, byte[] nonce, byte[] associated, byte[] sealed) {
    if (sealed.length < TAG_LENGTH) {
      return null;
    }
    cipher.init(false, parameters(key, nonce, associated));
    try {
      return run(cipher, sealed);
    } catch (InvalidCipherTextException forged) {
      return null;
    }
  }

  private static byte[] run(AEADCipher cipher, byte[] input) throws InvalidCipherTextException {
    byte[] output = new byte[cipher.getOutputSize(input.length)];
    int written = cipher.processBytes(input, 0, input.length, output, 0);
    cipher.doFinal(output, written);
    return output;
  }

  private static AEADParameters parameters(byte[] key, byte[] nonce, byte[] associated) {
    return new AEADParameters(new KeyParameter(key), TAG_LENGTH * Byte.SIZE, nonce, associated);
  }

  private static byte[] nonce(long counter) {
    return ByteBuffer.allocate(NONCE_LENGTH).order(ByteOrder.LITTLE_ENDIAN).putLong(NONCE_COUNTER, counter).array();
  }
}
