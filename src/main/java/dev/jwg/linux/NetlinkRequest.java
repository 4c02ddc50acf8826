package dev.jwg.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A request to the kernel: {@code struct nlmsghdr} (linux/netlink.h), then the fixed header of its type, field by
 * field, then attributes. Numbers are in the machine's byte order; what has another order is given as bytes.
 */
public final class NetlinkRequest {
  /** Have the answer show what was made (linux/netlink.h, as are all of these). */
  public static final int NLM_F_ECHO = 0x8;

  /** Fail if it exists. */
  public static final int NLM_F_EXCL = 0x200;

  /** Make it if it does not exist. */
  public static final int NLM_F_CREATE = 0x400;

  static final int NLM_F_REQUEST = 0x1;
  static final int NLM_F_ACK = 0x4;
  static final int NLM_F_DUMP = 0x300;

  static final int NLMSG_HDRLEN = 16;
  static final int NLA_HDRLEN = 4;

  /** The attribute carries attributes. */
  static final int NLA_F_NESTED = 1 << 15;

  private static final int FLAGS_OFFSET = 6;
  private static final int SEQUENCE_OFFSET = 8;

  private final String purpose;
  private ByteBuffer bytes = ByteBuffer.allocate(128).order(ByteOrder.nativeOrder());

  /**
   * A request without content yet.
   *
   * @param purpose what it is for, as the message of its failure begins: {@code add route 10.0.0.0/8 dev wg0}
   * @param type {@code RTM_…}
   * @param flags {@code NLM_F_…} modifiers
   */
  public NetlinkRequest(String purpose, int type, int flags) {
    this.purpose = purpose;
    bytes.putInt(0).putShort((short) type).putShort((short) flags).putInt(0).putInt(0);
  }

  /** Appends an 8-bit field of the fixed header. */
  public NetlinkRequest u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** Appends a 16-bit field of the fixed header. */
  public NetlinkRequest u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  /** Appends a 32-bit field of the fixed header. */
  public NetlinkRequest u32(int value) {
    room(4).putInt(value);
    return this;
  }

  /** Appends an attribute; the bytes are taken as they are. */
  public NetlinkRequest attribute(int type, byte[] value) {
    int length = NLA_HDRLEN + value.length;
    room(align(length)).putShort((short) length).putShort((short) type).put(value);
    pad();
    return this;
  }

  /** Appends a 32-bit attribute in the machine's byte order. */
  public NetlinkRequest attribute(int type, int value) {
    room(NLA_HDRLEN + 4).putShort((short) (NLA_HDRLEN + 4)).putShort((short) type).putInt(value);
    return this;
  }

  /** Appends a string with the zero byte behind it that the kernel wants. */
  public NetlinkRequest attribute(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return attribute(type, Arrays.copyOf(text, text.length + 1));
  }

  /** Appends an attribute that holds the attributes which {@code content} appends. */
  public NetlinkRequest nest(int type, Consumer<NetlinkRequest> content) {
    int start = bytes.position();
    room(NLA_HDRLEN).putShort((short) 0).putShort((short) (type | NLA_F_NESTED));
    content.accept(this);
    bytes.putShort(start, (short) (bytes.position() - start));
    return this;
  }

  String purpose() {
    return purpose;
  }

  int length() {
    return align(bytes.position());
  }

  /** Completes the header and copies the request to {@code target}. */
  void writeTo(ByteBuffer target, int extraFlags, int sequence) {
    pad();
    short flags = (short) (bytes.getShort(FLAGS_OFFSET) | NLM_F_REQUEST | extraFlags);
    bytes.putInt(0, bytes.position()).putShort(FLAGS_OFFSET, flags).putInt(SEQUENCE_OFFSET, sequence);
    target.put(bytes.duplicate().flip());
  }

  static int align(int length) {
    return (length + 3) & ~3;
  }

  private void pad() {
    int padding = align(bytes.position()) - bytes.position();
    room(padding).put(new byte[padding]);
  }

  private ByteBuffer room(int length) {
    if (bytes.remaining() < length) {
      int capacity = 2 * (bytes.capacity() + length);
      bytes = ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder()).put(bytes.flip());
    }
    return bytes;
  }
}
