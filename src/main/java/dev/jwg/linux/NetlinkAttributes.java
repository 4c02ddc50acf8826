package dev.jwg.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Attributes ({@code struct nlattr}, linux/netlink.h) of a message, found by type; valid as long as the message is. */
public final class NetlinkAttributes {
  private static final int ABSENT = -1;

  /** Without the bits that say "nested" and "in network byte order" (NLA_TYPE_MASK). */
  private static final int TYPE_MASK = 0x3fff;

  private final ByteBuffer bytes;
  private final int start;
  private final int end;

  NetlinkAttributes(ByteBuffer bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  public boolean has(int type) {
    return find(type) != ABSENT;
  }

  /** A 32-bit value, or {@code otherwise} if it is not there. */
  public int s32(int type, int otherwise) {
    int at = find(type);
    return at == ABSENT ? otherwise : bytes.getInt(at + NetlinkRequest.NLA_HDRLEN);
  }

  /** A string, or {@code otherwise} if it is not there. */
  public String string(int type, String otherwise) {
    if (!has(type)) {
      return otherwise;
    }
    byte[] text = bytes(type);
    int length = text.length > 0 && text[text.length - 1] == 0 ? text.length - 1 : text.length;
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  /** A copy of the value; empty if it is not there. */
  public byte[] bytes(int type) {
    int at = find(type);
    byte[] value = new byte[at == ABSENT ? 0 : lengthAt(at) - NetlinkRequest.NLA_HDRLEN];
    if (at != ABSENT) {
      bytes.get(at + NetlinkRequest.NLA_HDRLEN, value);
    }
    return value;
  }

  /** The attributes within one; none if it is not there. */
  public NetlinkAttributes nested(int type) {
    int at = find(type);
    return at == ABSENT
        ? new NetlinkAttributes(bytes, end, end)
        : new NetlinkAttributes(bytes, at + NetlinkRequest.NLA_HDRLEN, at + lengthAt(at));
  }

  private int find(int type) {
    int at = start;
    while (end - at >= NetlinkRequest.NLA_HDRLEN) {
      int length = lengthAt(at);
      if (length < NetlinkRequest.NLA_HDRLEN || length > end - at) {
        return ABSENT;
      }
      if ((bytes.getShort(at + 2) & TYPE_MASK) == type) {
        return at;
      }
      at += NetlinkRequest.align(length);
    }
    return ABSENT;
  }

  private int lengthAt(int at) {
    return Short.toUnsignedInt(bytes.getShort(at));
  }
}
