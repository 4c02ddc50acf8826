package dev.jwg.crypto;

import java.util.Arrays;

/** A Curve25519 public key: a peer's name. */
public final class PublicKey {
  public static final int LENGTH = Key.LENGTH;
  private static final int ABBREVIATED_LENGTH = 8;

  private final byte[] bytes;

  private PublicKey(byte[] bytes) {
    this.bytes = bytes;
  }

  public static PublicKey of(byte[] bytes) {
    return new PublicKey(Key.copy(bytes));
  }

  /** Reads 32 bytes at {@code offset}. */
  public static PublicKey read(byte[] bytes, int offset) {
    return new PublicKey(Arrays.copyOfRange(bytes, offset, offset + LENGTH));
  }

  /**
   * Parses the text form of files and of {@code wg}.
   *
   * @throws IllegalArgumentException unless it is 44 characters of canonical base64
   */
  public static PublicKey parseBase64(String text) {
    return new PublicKey(Key.parseBase64(text));
  }

  /**
   * Parses the text form of the UAPI socket.
   *
   * @throws IllegalArgumentException unless it is 64 hex digits
   */
  public static PublicKey parseHex(String text) {
    return new PublicKey(Key.parseHex(text));
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  public String toBase64() {
    return Key.base64(bytes);
  }

  /** The first characters, by which people tell peers apart. */
  public String abbreviated() {
    return toBase64().substring(0, ABBREVIATED_LENGTH) + "…";
  }

  public String toHex() {
    return Key.hex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The key in base64; public keys are no secret. */
  @Override
  public String toString() {
    return toBase64();
  }
}
