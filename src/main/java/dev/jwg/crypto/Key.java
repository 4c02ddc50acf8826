package dev.jwg.crypto;

import java.util.Base64;
import java.util.HexFormat;

/** The one text form of 32-byte keys in files (base64) and on the UAPI socket (hex). */
final class Key {
  static final int LENGTH = 32;
  private static final int BASE64_LENGTH = 44;

  private Key() {}

  static byte[] copy(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a key has " + LENGTH + " bytes, not " + bytes.length);
    }
    return bytes.clone();
  }

  /** Exactly 44 canonical base64 characters, as wg(8) demands; the message never quotes the text. */
  static byte[] parseBase64(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (text.length() == BASE64_LENGTH && bytes.length == LENGTH && base64(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException notBase64) {
      // The decoder's message quotes the key's characters, so it goes no further.
    }
    throw new IllegalArgumentException("not a key: 44 characters of base64 are expected");
  }

  /** Exactly 64 hex digits; the message never quotes the text. */
  static byte[] parseHex(String text) {
    try {
      byte[] bytes = HexFormat.of().parseHex(text);
      if (bytes.length == LENGTH) {
        return bytes;
      }
    } catch (IllegalArgumentException notHex) {
      // As above.
    }
    throw new IllegalArgumentException("not a key: 64 hex digits are expected");
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static boolean isZero(byte[] bytes) {
    int any = 0;
    for (byte b : bytes) {
      any |= b;
    }
    return any == 0;
  }
}
