package dev.jwg.crypto;

/**
 * ChaCha20-Poly1305 (RFC 8439) under one transport key, in place and without associated data (whitepaper section
 * 5.4.6), for runs of packets in one array. The nonce is four zero bytes and the 64-bit counter. One cipher serves one
 * direction, and any number of threads at a time: what they write to is each thread's own.
 */
public interface TransportCipher {
  int TAG_LENGTH = Aead.TAG_LENGTH;

  /** The implementation that is chosen by now, under a copy of 32 key bytes. */
  static TransportCipher of(byte[] key) {
    return CipherChoice.current().under(key);
  }

  /**
   * Encrypts packets where they stand and writes each one's tag into the 16 bytes behind it. No counter may ever come
   * twice.
   *
   * @param offsets where in {@code bytes} each plaintext begins
   * @param lengths of each plaintext
   * @param from index of the first packet in both arrays, which gets the first counter; the next gets the next
   * @param to index behind the last packet
   * @throws IllegalStateException after {@link #erase}
   */
  void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter);

  /**
   * Checks the tags of packets and decrypts the genuine ones where they stand. What came before does not matter: a
   * forgery with the counter of a genuine packet changes nothing.
   *
   * @param offsets where in {@code bytes} each ciphertext begins
   * @param lengths of each ciphertext with its tag
   * @param counters the counter of each packet
   * @param from index of the first packet in all four arrays
   * @param to index behind the last packet
   * @param genuine gets the verdicts: false if the tag is wrong, the packet too short for one, or the key erased; its
   *     bytes are then not to be used
   */
  void open(byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine);

  /** Zeroes the key, and wipes; nothing is sealed or opened afterwards, nor may another thread be at it meanwhile. */
  void erase();

  /** Zeroes what is left, in the calling thread's own space, of the last packets and their key. */
  void wipe();
}
