package dev.jwg.crypto;

import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/** BLAKE2s (RFC 7693) as whitepaper section 5.4 uses it: Hash, Mac and Hmac, over parts joined end to end. */
public final class Blake2s {
  public static final int HASH_LENGTH = 32;
  public static final int MAC_LENGTH = 16;

  private Blake2s() {}

  /** The 32-byte hash. */
  public static byte[] hash(byte[]... parts) {
    return digest(new Blake2sDigest(HASH_LENGTH * Byte.SIZE), parts);
  }

  /** The 16-byte hash keyed with at most 32 bytes. */
  public static byte[] mac(byte[] key, byte[]... parts) {
    return digest(keyed(key), parts);
  }

  /** As {@link #mac(byte[], byte[]...)}, over a part of an array. */
  public static byte[] mac(byte[] key, byte[] bytes, int offset, int length) {
    Blake2sDigest digest = keyed(key);
    digest.update(bytes, offset, length);
    byte[] mac = new byte[MAC_LENGTH];
    digest.doFinal(mac, 0);
    return mac;
  }

  /** HMAC-BLAKE2s (RFC 2104), 32 bytes. */
  public static byte[] hmac(byte[] key, byte[]... parts) {
    HMac hmac = new HMac(new Blake2sDigest(HASH_LENGTH * Byte.SIZE));
    hmac.init(new KeyParameter(key));
    for (byte[] part : parts) {
      hmac.update(part, 0, part.length);
    }
    byte[] result = new byte[HASH_LENGTH];
    hmac.doFinal(result, 0);
    return result;
  }

  private static Blake2sDigest keyed(byte[] key) {
    return new Blake2sDigest(key, MAC_LENGTH, null, null);
  }

  private static byte[] digest(Blake2sDigest digest, byte[][] parts) {
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] result = new byte[digest.getDigestSize()];
    digest.doFinal(result, 0);
    return result;
  }
}
