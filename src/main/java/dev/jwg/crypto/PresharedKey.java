package dev.jwg.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/** A symmetric key shared by two peers, mixed into each handshake (whitepaper section 5.2). */
public final class PresharedKey implements AutoCloseable {
  public static final int LENGTH = Key.LENGTH;
  private final byte[] bytes;

  private PresharedKey(byte[] bytes) {
    this.bytes = bytes;
  }

  public static PresharedKey of(byte[] bytes) {
    return new PresharedKey(Key.copy(bytes));
  }

  /** What stands for no preshared key: all zero. */
  public static PresharedKey none() {
    return new PresharedKey(new byte[LENGTH]);
  }

  /**
   * Parses the text form of files and of {@code wg}.
   *
   * @throws IllegalArgumentException unless it is 44 characters of canonical base64
   */
  public static PresharedKey parseBase64(String text) {
    return new PresharedKey(Key.parseBase64(text));
  }

  /**
   * Parses the text form of the UAPI socket.
   *
   * @throws IllegalArgumentException unless it is 64 hex digits
   */
  public static PresharedKey parseHex(String text) {
    return new PresharedKey(Key.parseHex(text));
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
    return other instanceof PresharedKey that && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "PresharedKey(hidden)";
  }

  /** Erases the key. */
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }
}
