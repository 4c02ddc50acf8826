package dev.jwg.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.ChaCha7539Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * RFC 8439 section 2.8 from BouncyCastle's ChaCha20 and Poly1305. BouncyCastle's own composition of the two copies a
 * message that is processed in place, and decrypts before it has seen the tag.
 */
final class BouncyTransportCipher implements TransportCipher {
  static final ThreadLocal<Engine> ENGINE = ThreadLocal.withInitial(Engine::new);

  private final byte[] key;
  private boolean erased;

  BouncyTransportCipher(byte[] key) {
    this.key = Key.copy(key);
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    if (erased) {
      throw new IllegalStateException("the key is erased");
    }
    Engine engine = ENGINE.get();
    engine.use(key);
    for (int i = from; i < to; i++) {
      engine.seal(bytes, offsets[i], lengths[i], firstCounter + (i - from));
    }
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    Engine engine = ENGINE.get();
    engine.use(key);
    for (int i = from; i < to; i++) {
      genuine[i] = !erased && engine.open(bytes, offsets[i], lengths[i], counters[i]);
    }
  }

  @Override
  public void erase() {
    erased = true;
    Arrays.fill(key, (byte) 0);
    wipe();
  }

  @Override
  public void wipe() {
    ENGINE.get().wipe();
  }

  /** One thread's ciphers and scratch space. */
  static final class Engine {
    private static final int BLOCK_LENGTH = 64;
    private static final byte[] ZEROS = new byte[BLOCK_LENGTH];

    private final ByteBuffer nonce = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    private final ChaCha20 chacha = new ChaCha20(nonce.array());
    private final Poly1305 poly = new Poly1305();
    private final byte[] firstBlock = new byte[BLOCK_LENGTH];
    private final ByteBuffer lengths = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] tag = new byte[TAG_LENGTH];
    private final byte[] receivedTag = new byte[TAG_LENGTH];

    void use(byte[] key) {
      chacha.setKey(key, nonce.array());
    }

    void seal(byte[] bytes, int offset, int length, long counter) {
      begin(counter);
      chacha.processBytes(bytes, offset, length, bytes, offset);
      authenticate(bytes, offset, length);
      System.arraycopy(tag, 0, bytes, offset + length, TAG_LENGTH);
    }

    boolean open(byte[] bytes, int offset, int length, long counter) {
      int ciphertext = length - TAG_LENGTH;
      if (ciphertext < 0) {
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

    void wipe() {
      use(new byte[Key.LENGTH]);
      begin(0); // and with it the one-time key of the last message
    }
  }

  /** Takes keys as they are: a parameter object for each would strew copies of it over the heap. */
  private static final class ChaCha20 extends ChaCha7539Engine {
    ChaCha20(byte[] nonce) {
      init(true, new ParametersWithIV(new KeyParameter(new byte[Key.LENGTH]), nonce));
    }

    @Override
    protected void setKey(byte[] key, byte[] nonce) {
      super.setKey(key, nonce);
    }
  }
}
