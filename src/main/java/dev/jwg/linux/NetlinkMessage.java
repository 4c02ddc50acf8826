package dev.jwg.linux;

import java.nio.ByteBuffer;

/**
 * A message of the kernel, seen in the buffer it was received in: valid only until whoever is shown it returns. Offsets
 * count from the first byte behind {@code struct nlmsghdr}.
 */
public final class NetlinkMessage {
  private static final int TYPE_OFFSET = 4;
  private static final int FLAGS_OFFSET = 6;
  private static final int SEQUENCE_OFFSET = 8;

  private final ByteBuffer bytes;
  private final int start;
  private final int end;

  private NetlinkMessage(ByteBuffer bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** Takes the next message off the buffer. */
  static NetlinkMessage next(ByteBuffer received) {
    int start = received.position();
    int length = received.remaining() < NetlinkRequest.NLMSG_HDRLEN ? 0 : received.getInt(start);
    if (length < NetlinkRequest.NLMSG_HDRLEN || length > received.remaining()) {
      throw new IllegalStateException("netlink message of " + length + " bytes in " + received.remaining());
    }
    received.position(Math.min(start + NetlinkRequest.align(length), received.limit()));
    return new NetlinkMessage(received, start, start + length);
  }

  /** {@code RTM_…}. */
  public int type() {
    return Short.toUnsignedInt(bytes.getShort(start + TYPE_OFFSET));
  }

  int flags() {
    return Short.toUnsignedInt(bytes.getShort(start + FLAGS_OFFSET));
  }

  int sequence() {
    return bytes.getInt(start + SEQUENCE_OFFSET);
  }

  /** Bytes behind {@code struct nlmsghdr}. */
  int length() {
    return end - start - NetlinkRequest.NLMSG_HDRLEN;
  }

  /** An 8-bit field of the fixed header. */
  public int u8(int offset) {
    return Byte.toUnsignedInt(bytes.get(start + NetlinkRequest.NLMSG_HDRLEN + offset));
  }

  /** A 32-bit field of the fixed header. */
  public int s32(int offset) {
    return bytes.getInt(start + NetlinkRequest.NLMSG_HDRLEN + offset);
  }

  /**
   * The attributes behind a fixed header.
   *
   * @param headerLength the header's length, a multiple of 4
   */
  public NetlinkAttributes attributes(int headerLength) {
    int first = Math.min(start + NetlinkRequest.NLMSG_HDRLEN + headerLength, end);
    return new NetlinkAttributes(bytes, first, end);
  }
}
