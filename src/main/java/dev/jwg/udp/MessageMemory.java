package dev.jwg.udp;

import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Batch;

/**
 * What one sendmsg(2) or recvmsg(2) works on, in one piece of native memory: header, address, control messages and one
 * datagram or several of one size. Offsets are those of 64-bit Linux, equal on x86-64 and aarch64.
 */
final class MessageMemory {
  /** Bytes of struct sockaddr_in, ip(7). */
  static final int SOCKADDR_IN_SIZE = 16;

  /** Bytes of struct sockaddr_in6, ipv6(7). */
  static final int SOCKADDR_IN6_SIZE = 28;

  /** Bytes of struct cmsghdr, cmsg(3): length 8, level 4, type 4. */
  static final int CMSG_HEADER = 16;

  /** Room for the control messages: segment size, TOS and packet info, and some to spare. */
  static final int CONTROL_SIZE = 128;

  // struct msghdr, sendmsg(2)
  private static final int NAME_POINTER = 0;
  private static final int NAME_LENGTH = 8;
  private static final int IOVEC_POINTER = 16;
  private static final int IOVEC_COUNT = 24;
  private static final int CONTROL_POINTER = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  // struct iovec, iovec(3type)
  private static final int IOVEC = 56;
  private static final int IOVEC_BASE = IOVEC;
  private static final int IOVEC_LENGTH = IOVEC + 8;

  /** Where the socket address lies. */
  static final int NAME = 72;

  /** Where the control messages begin. */
  static final int CONTROL = 104;

  private static final int PAYLOAD = CONTROL + CONTROL_SIZE;

  /** In the flags after recvmsg: the message was longer than the room. */
  private static final int MSG_TRUNC = 0x20;

  private final NativeMemory memory = new NativeMemory(PAYLOAD + Batch.MAX_LENGTH);
  private int payloadLength;

  MessageMemory() {
    memory.putLong(NAME_POINTER, memory.address(NAME));
    memory.putLong(IOVEC_POINTER, memory.address(IOVEC));
    memory.putLong(IOVEC_COUNT, 1);
    memory.putLong(IOVEC_BASE, memory.address(PAYLOAD));
  }

  /** The memory itself, for the socket address and the control messages. */
  NativeMemory memory() {
    return memory;
  }

  /** The address of the msghdr. */
  long header() {
    return memory.address(0);
  }

  void nameLength(int length) {
    memory.putInt(NAME_LENGTH, length);
  }

  /** The control messages lie between two offsets. */
  void control(int from, int to) {
    memory.putLong(CONTROL_POINTER, memory.address(from));
    memory.putLong(CONTROL_LENGTH, to - from);
  }

  int controlLength() {
    return (int) memory.getLong(CONTROL_LENGTH);
  }

  boolean isTruncated() {
    return (memory.getInt(FLAGS) & MSG_TRUNC) != 0;
  }

  void payloadLength(int length) {
    payloadLength = length;
    memory.putLong(IOVEC_LENGTH, length);
  }

  /** Adds to the payload. */
  void append(byte[] bytes, int offset, int length) {
    memory.copyIn(PAYLOAD + payloadLength, bytes, offset, length);
    payloadLength(payloadLength + length);
  }

  /** Copies from a place in the payload. */
  void copyOut(int from, byte[] bytes, int offset, int length) {
    memory.copyOut(PAYLOAD + from, bytes, offset, length);
  }

  /** CMSG_ALIGN of cmsg(3): to the size of a long. */
  static int align(int length) {
    return (length + 7) & ~7;
  }
}
