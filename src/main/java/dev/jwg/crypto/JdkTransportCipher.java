package dev.jwg.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/** The JDK's ChaCha20-Poly1305, which HotSpot compiles to vector instructions since release 20. */
final class JdkTransportCipher implements TransportCipher {
  /** The cipher is larger than all else of a session, and most of those are idle. */
  private static final ThreadLocal<Engine> ENGINE = ThreadLocal.withInitial(Engine::new);

  private final RawKey key;
  private boolean erased;

  JdkTransportCipher(byte[] key) {
    this.key = new RawKey(Key.copy(key));
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    if (erased) {
      throw new IllegalStateException("the key is erased");
    }
    Engine engine = ENGINE.get();
    for (int i = from; i < to; i++) {
      engine.seal(key, bytes, offsets[i], lengths[i], firstCounter + (i - from));
    }
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    Engine engine = ENGINE.get();
    for (int i = from; i < to; i++) {
      genuine[i] = !erased && engine.open(key, bytes, offsets[i], lengths[i], counters[i]);
    }
  }

  @Override
  public void erase() {
    erased = true;
    key.erase();
    wipe();
  }

  @Override
  public void wipe() {
    ENGINE.get().wipe();
  }

  /** One thread's cipher, which keeps a copy of the last key and zeroes it when it gets another one. */
  private static final class Engine {
    /** The first four bytes of a transport nonce are zero, so this one belongs to no message. */
    private static final IvParameterSpec NOBODYS_NONCE =
        new IvParameterSpec(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

    private final RawKey nobodysKey = new RawKey(new byte[Key.LENGTH]);
    private final ByteBuffer nonce = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    private final Cipher cipher;
    private boolean isWiped = true;

    Engine() {
      try {
        cipher = Cipher.getInstance("ChaCha20-Poly1305");
      } catch (GeneralSecurityException unexpected) {
        throw new IllegalStateException("this Java has no ChaCha20-Poly1305", unexpected);
      }
    }

    void seal(RawKey key, byte[] bytes, int offset, int length, long counter) {
      try {
        init(Cipher.ENCRYPT_MODE, key, counter);
        cipher.doFinal(bytes, offset, length, bytes, offset);
      } catch (GeneralSecurityException unexpected) {
        throw new IllegalStateException("sealing message " + Long.toUnsignedString(counter), unexpected);
      }
    }

    boolean open(RawKey key, byte[] bytes, int offset, int length, long counter) {
      if (length < TAG_LENGTH) {
        return false;
      }
      try {
        init(Cipher.DECRYPT_MODE, key, counter);
        cipher.doFinal(bytes, offset, length, bytes, offset);
        return true;
      } catch (AEADBadTagException forged) {
        return false;
      } catch (GeneralSecurityException unexpected) {
        throw new IllegalStateException("opening message " + Long.toUnsignedString(counter), unexpected);
      }
    }

    private void init(int mode, RawKey key, long counter) throws GeneralSecurityException {
      isWiped = false;
      if (counter == nonce.getLong(4)) {
        // JDK 17 refuses a nonce twice in a row even for decryption, so a forgery with the counter of a genuine
        // message would kill it (25 does not). It only remembers the last nonce: let that be another one. That no
        // counter is sealed with twice is for who counts to see to.
        cipher.init(Cipher.DECRYPT_MODE, key, NOBODYS_NONCE);
      }
      nonce.putLong(4, counter);
      cipher.init(mode, key, new IvParameterSpec(nonce.array()));
    }

    void wipe() {
      if (isWiped) {
        return; // JDK 17 would refuse the same nonce again
      }
      try {
        cipher.init(Cipher.DECRYPT_MODE, nobodysKey, NOBODYS_NONCE);
        isWiped = true;
      } catch (GeneralSecurityException unexpected) {
        throw new IllegalStateException("erasing a key", unexpected);
      }
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
