package dev.jwg.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import org.bouncycastle.crypto.engines.ChaCha7539Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * RFC 8439 section 2.8 from BouncyCastle's ChaCha20 and Poly1305. BouncyCastle's own composition of the two copies a
 * message that is processed in place, and decrypts before it has seen the tag.
 */
final class BouncyTransportCipher implements TransportCipher {
  private static final int BLOCK_LENGTH = 64;
  private static final byte[] ZEROS = new byte[BLOCK_LENGTH];

  private final ChaCha7539Engine chacha = new ChaCha7539Engine();
  private final Poly1305 poly = new Poly1305();
  private final ByteBuffer nonce = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] firstBlock = new byte[BLOCK_LENGTH];
  private final ByteBuffer lengths = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] tag = new byte[TAG_LENGTH];
  private final byte[] receivedTag = new byte[TAG_LENGTH];
  private boolean erased;

  BouncyTransportCipher(byte[] key) {
    replaceKey(key);
  }

  /** The engine keeps the key; a parameter object for each message would strew copies of it over the heap. */
  private void replaceKey(byte[] key) {
    chacha.init(true, new ParametersWithIV(new KeyParameter(key), nonce.array()));
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    for (int i = from; i < to; i++) {
      seal(bytes, offsets[i], lengths[i], firstCounter + (i - from));
    }
  }

  private void seal(byte[] bytes, int offset, int length, long counter) {
    if (erased) {
      throw new IllegalStateException("the key is erased");
    }
    begin(counter);
    chacha.processBytes(bytes, offset, length, bytes, offset);
    authenticate(bytes, offset, length);
    System.arraycopy(tag, 0, bytes, offset + length, TAG_LENGTH);
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    for (int i = from; i < to; i++) {
      genuine[i] = open(bytes, offsets[i], lengths[i], counters[i]);
    }
  }

  private boolean open(byte[] bytes, int offset, int length, long counter) {
    int ciphertext = length - TAG_LENGTH;
    if (erased || ciphertext < 0) {
      return false;
    }
    begin(counter);
    authenticate(bytes, offset, ciphertext);
    System.arraycopy(bytes, offset + ciphertext, receivedTag, 0, TAG_LENGTH);
    if (!MessageDigest.isEqual(tag, receivedTag)) {
      return false;
    }
    chacha.processBytes(bytes, offset, ciphertext, bytes, offset);
    return true;
  }

  /** Spends the first key stream block on the one-time Poly1305 key (section 2.6); the message starts at the second. */
  private void begin(long counter) {
    nonce.putLong(4, counter);
    chacha.init(true, new ParametersWithIV(null, nonce.array()));
    chacha.processBytes(ZEROS, 0, BLOCK_LENGTH, firstBlock, 0);
    poly.init(new KeyParameter(firstBlock, 0, Key.LENGTH));
  }

  /** Leaves the tag of a ciphertext in {@link #tag}: it, zeros up to a multiple of 16, and both lengths. */
  private void authenticate(byte[] bytes, int offset, int length) {
    poly.update(bytes, offset, length);
    poly.update(ZEROS, 0, -length & 15);
    lengths.putLong(8, length);
    poly.update(lengths.array(), 0, 16);
    poly.doFinal(tag, 0);
  }

  @Override
  public void erase() {
    erased = true;
    replaceKey(new byte[Key.LENGTH]);
    begin(0); // and with it the one-time key of the last message
  }
}
