package dev.jwg.crypto;

import java.util.Arrays;

/** Kdf1 to Kdf3 of whitepaper section 5.4: HKDF (RFC 5869) on HMAC-BLAKE2s. The caller erases what it gets. */
public final class Kdf {
  private static final byte[] NOTHING = {};

  private Kdf() {}

  public static byte[] kdf1(byte[] key, byte[] input) {
    return expand(key, input, 1)[0];
  }

  public static byte[][] kdf2(byte[] key, byte[] input) {
    return expand(key, input, 2);
  }

  public static byte[][] kdf3(byte[] key, byte[] input) {
    return expand(key, input, 3);
  }

  private static byte[][] expand(byte[] key, byte[] input, int outputs) {
    byte[] secret = Blake2s.hmac(key, input);
    try {
      byte[][] result = new byte[outputs][];
      byte[] previous = NOTHING;
      for (int i = 0; i < outputs; i++) {
        result[i] = Blake2s.hmac(secret, previous, new byte[] {(byte) (i + 1)});
        previous = result[i];
      }
      return result;
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }
}
