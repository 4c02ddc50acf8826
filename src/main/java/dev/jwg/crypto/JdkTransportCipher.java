package dev.jwg.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/** The JDK's ChaCha20-Poly1305, which HotSpot compiles to vector instructions since release 20. */
final class JdkTransportCipher implements TransportCipher {
  /** The first four bytes of a transport nonce are zero, so this one belongs to no message. */
  private static final IvParameterSpec NOBODYS_NONCE =
      new IvParameterSpec(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

  /** Made when it is needed first: it is larger than all else of a session, and most are idle. */
  private @Nullable Cipher cipher;

  private final RawKey key;
  private final ByteBuffer nonce = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
  private boolean erased;

  JdkTransportCipher(byte[] key) {
    this.key = new RawKey(Key.copy(key));
  }

  private Cipher cipher() throws GeneralSecurityException {
    if (cipher == null) {
      cipher = Cipher.getInstance("ChaCha20-Poly1305");
    }
    return cipher;
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    if (erased) {
      throw new IllegalStateException("the key is erased");
    }
    for (int i = from; i < to; i++) {
      seal(bytes, offsets[i], lengths[i], firstCounter + (i - from));
    }
  }

  private void seal(byte[] bytes, int offset, int length, long counter) {
    try {
      init(Cipher.ENCRYPT_MODE, counter);
      cipher().doFinal(bytes, offset, length, bytes, offset);
    } catch (GeneralSecurityException unexpected) {
      throw new IllegalStateException("sealing message " + Long.toUnsignedString(counter), unexpected);
    }
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    for (int i = from; i < to; i++) {
      genuine[i] = open(bytes, offsets[i], lengths[i], counters[i]);
    }
  }

  private boolean open(byte[] bytes, int offset, int length, long counter) {
    if (erased || length < TAG_LENGTH) {
      return false;
    }
    try {
      if (counter == nonce.getLong(4)) {
        // JDK 17 refuses a nonce twice in a row even for decryption, so a forgery with the counter of a genuine
        // message would kill it (25 does not). It only remembers the last nonce: let that be another one.
        cipher().init(Cipher.DECRYPT_MODE, key, NOBODYS_NONCE);
      }
      init(Cipher.DECRYPT_MODE, counter);
      cipher().doFinal(bytes, offset, length, bytes, offset);
      return true;
    } catch (AEADBadTagException forged) {
      return false;
    } catch (GeneralSecurityException unexpected) {
      throw new IllegalStateException("opening message " + Long.toUnsignedString(counter), unexpected);
    }
  }

  private void init(int mode, long counter) throws GeneralSecurityException {
    nonce.putLong(4, counter);
    cipher().init(mode, key, new IvParameterSpec(nonce.array()));
  }

  @Override
  public void erase() {
    if (erased) {
      return;
    }
    erased = true;
    key.erase();
    if (cipher == null) {
      return;
    }
    try {
      // The cipher keeps a copy of the key and zeroes it when it gets another one.
      cipher.init(Cipher.DECRYPT_MODE, key, NOBODYS_NONCE);
    } catch (GeneralSecurityException unexpected) {
      throw new IllegalStateException("erasing a key", unexpected);
    }
  }

  /** A key that can be erased, which the JDK's own SecretKeySpec cannot. */
  private static final class RawKey implements SecretKey {
    private static final long serialVersionUID = 1;
    private final transient byte[] bytes;

    RawKey(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
      return "ChaCha20";
    }

    @Override
    public String getFormat() {
      return "RAW";
    }

    @Override
    public byte[] getEncoded() {
      return bytes.clone();
    }

    void erase() {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
