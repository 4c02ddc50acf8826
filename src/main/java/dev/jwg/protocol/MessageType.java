package dev.jwg.protocol;

import org.jspecify.annotations.Nullable;

/** The four messages (whitepaper section 5.4), told apart by their first four bytes and their length. */
public enum MessageType {
  INITIATION(Initiation.TYPE),
  RESPONSE(Response.TYPE),
  COOKIE_REPLY(CookieReply.TYPE),
  TRANSPORT_DATA(TransportData.TYPE);

  private static final int TYPE_LENGTH = 4;

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  /** The type byte and the three reserved zero bytes behind it, read as one little-endian integer. */
  public int code() {
    return code;
  }

  /** The message that a datagram holds, or null if it is none: unknown type, reserved bytes not zero, wrong length. */
  public static @Nullable MessageType classify(byte[] bytes, int offset, int length) {
    if (length < TYPE_LENGTH) {
      return null;
    }
    return switch (LittleEndian.getInt(bytes, offset)) {
      case Initiation.TYPE -> length == Initiation.LENGTH ? INITIATION : null;
      case Response.TYPE -> length == Response.LENGTH ? RESPONSE : null;
      case CookieReply.TYPE -> length == CookieReply.LENGTH ? COOKIE_REPLY : null;
      // No check for a multiple of 16: padding stops at the MTU, which need not be one.
      case TransportData.TYPE -> length >= TransportData.MIN_LENGTH ? TRANSPORT_DATA : null;
      default -> null;
    };
  }
}
