package dev.jwg.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/** A Curve25519 private key. Whoever creates one erases it with {@link #close}. */
public final class PrivateKey implements AutoCloseable {
  public static final int LENGTH = Key.LENGTH;
  private final byte[] bytes;

  private PrivateKey(byte[] bytes) {
    this.bytes = bytes;
  }

  public static PrivateKey of(byte[] bytes) {
    return new PrivateKey(Key.copy(bytes));
  }

  /** What stands for no private key: all zero. */
  public static PrivateKey none() {
    return new PrivateKey(new byte[LENGTH]);
  }

  /**
   * Parses the text form of files and of {@code wg}.
   *
   * @throws IllegalArgumentException unless it is 44 characters of canonical base64
   */
  public static PrivateKey parseBase64(String text) {
    return new PrivateKey(Key.parseBase64(text));
  }

  /**
   * Parses the text form of the UAPI socket.
   *
   * @throws IllegalArgumentException unless it is 64 hex digits
   */
  public static PrivateKey parseHex(String text) {
    return new PrivateKey(Key.parseHex(text));
  }

  /** True for 32 zero bytes, which everywhere in WireGuard means "none". */
  public boolean isZero() {
    return Key.isZero(bytes);
  }

  /** A copy that the caller erases. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  public String toBase64() {
    return Key.base64(bytes);
  }

  public String toHex() {
    return Key.hex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PrivateKey that && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "PrivateKey(hidden)";
  }

  /** Erases the key. */
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }
}
