package dev.jwg.crypto;

/**
 * ChaCha20-Poly1305 (RFC 8439) under one transport key, in place and without associated data (whitepaper section
 * 5.4.6). The nonce is four zero bytes and the 64-bit counter. One cipher serves one direction, one thread at a time.
 */
public interface TransportCipher {
  int TAG_LENGTH = Aead.TAG_LENGTH;

  /**
   * The fastest implementation on this machine, under a copy of 32 key bytes.
   *
   * <p>The JDK's is vectorised since release 20 (JDK-8247645), of which 21 is the first with long-term support; before
   * that it is no faster than BouncyCastle's and makes more garbage.
   */
  static TransportCipher of(byte[] key) {
    return Runtime.version().feature() >= 21 ? new JdkTransportCipher(key) : new BouncyTransportCipher(key);
  }

  /**
   * Encrypts {@code length} bytes where they stand and writes the tag into the 16 bytes behind them. No counter may
   * ever come twice.
   *
   * @throws IllegalStateException after {@link #erase}
   */
  void seal(byte[] bytes, int offset, int length, long counter);

  /**
   * Checks the tag that ends the {@code length} bytes and decrypts what is before it. What came before does not matter:
   * a forgery with the same counter changes nothing.
   *
   * @return false if the tag is wrong, the bytes are too few for one, or the key is erased; the bytes are then not to
   *     be used
   */
  boolean open(byte[] bytes, int offset, int length, long counter);

  /** Zeroes the key; nothing is sealed or opened afterwards. */
  void erase();
}
