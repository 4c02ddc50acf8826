package dev.jwg.noise;

import dev.jwg.crypto.Blake2s;
import dev.jwg.crypto.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The two MACs that end every initiation and response (whitepaper section 5.4.4): mac1 proves that the sender knows
 * the receiver's public key, mac2 that it has a cookie and so can be reached at its address.
 */
final class MessageMacs {
  private static final byte[] LABEL_MAC1 = "mac1----".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LABEL_COOKIE = "cookie--".getBytes(StandardCharsets.US_ASCII);
  private static final int LENGTH = Blake2s.MAC_LENGTH;

  private MessageMacs() {}

  /** Under which mac1 of messages to {@code receiver} is made. */
  static byte[] mac1Key(PublicKey receiver) {
    return Blake2s.hash(LABEL_MAC1, receiver.toBytes());
  }

  /** Under which {@code receiver} encrypts its cookies. */
  static byte[] cookieKey(PublicKey receiver) {
    return Blake2s.hash(LABEL_COOKIE, receiver.toBytes());
  }

  static int mac1Offset(byte[] message) {
    return message.length - 2 * LENGTH;
  }

  static int mac2Offset(byte[] message) {
    return message.length - LENGTH;
  }

  /** What mac1 should be: over all bytes before it. */
  static byte[] mac1(byte[] mac1Key, byte[] message) {
    return Blake2s.mac(mac1Key, message, 0, mac1Offset(message));
  }

  /** What mac2 should be: over all bytes before it, mac1 included. */
  static byte[] mac2(byte[] cookie, byte[] message) {
    return Blake2s.mac(cookie, message, 0, mac2Offset(message));
  }

  static byte[] readMac1(byte[] message) {
    return Arrays.copyOfRange(message, mac1Offset(message), mac2Offset(message));
  }

  static byte[] readMac2(byte[] message) {
    return Arrays.copyOfRange(message, mac2Offset(message), message.length);
  }
}
