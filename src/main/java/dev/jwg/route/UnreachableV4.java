package dev.jwg.route;

import dev.jwg.net.Checksum;
import java.util.Arrays;

/** ICMP destination unreachable, host unreachable (RFC 792). */
final class UnreachableV4 {
  /** RFC 1812 section 4.3.2.3: quote as much as fits into this. */
  private static final int MAX_LENGTH = 576;

  private static final int ICMP_HEADER = 8;
  private static final int QUOTE = IpPacket.V4_HEADER + ICMP_HEADER;

  private static final int PROTOCOL_ICMP = 1;
  private static final int DESTINATION_UNREACHABLE = 3;
  private static final int HOST_UNREACHABLE = 1;

  /** Precedence "internetwork control" (RFC 1812 section 4.3.2.5). */
  private static final int TOS = 0xc0;

  private static final int DONT_FRAGMENT = 0x4000;
  private static final int FRAGMENT_OFFSET = 0x1fff;
  private static final int HOP_LIMIT = 64;

  private UnreachableV4() {}

  static int write(byte[] packet, int offset, byte[] into, int at) {
    if (!mayAnswer(packet, offset)) {
      return 0;
    }
    int length = Math.min(MAX_LENGTH, QUOTE + IpPacket.totalLength(packet, offset));
    Arrays.fill(into, at, at + QUOTE, (byte) 0);
    into[at] = 0x45;
    into[at + 1] = (byte) TOS;
    IpPacket.putShort(into, at + 2, length);
    IpPacket.putShort(into, at + 6, DONT_FRAGMENT); // so an identification of 0 will do: RFC 6864 section 4.1
    into[at + 8] = HOP_LIMIT;
    into[at + 9] = PROTOCOL_ICMP;
    System.arraycopy(packet, offset + 16, into, at + 12, 4);
    System.arraycopy(packet, offset + 12, into, at + 16, 4);
    IpPacket.putShort(into, at + 10, Checksum.finish(Checksum.sum(into, at, IpPacket.V4_HEADER)));

    int icmp = at + IpPacket.V4_HEADER;
    into[icmp] = DESTINATION_UNREACHABLE;
    into[icmp + 1] = HOST_UNREACHABLE;
    System.arraycopy(packet, offset, into, at + QUOTE, length - QUOTE);
    IpPacket.putShort(into, icmp + 2, Checksum.finish(Checksum.sum(into, icmp, length - IpPacket.V4_HEADER)));
    return length;
  }

  /** RFC 1122 section 3.2.2. */
  private static boolean mayAnswer(byte[] packet, int offset) {
    boolean firstFragment = (IpPacket.unsignedShort(packet, offset + 6) & FRAGMENT_OFFSET) == 0;
    return firstFragment
        && isOneHost(packet[offset + 12] & 0xff)
        && isOneHost(packet[offset + 16] & 0xff)
        && !isIcmpError(packet, offset);
  }

  /** False for "this network", loopback, multicast, reserved and broadcast; the first byte tells. */
  private static boolean isOneHost(int firstByte) {
    return firstByte != 0 && firstByte != 127 && firstByte < 224;
  }

  private static boolean isIcmpError(byte[] packet, int offset) {
    if (packet[offset + 9] != PROTOCOL_ICMP) {
      return false;
    }
    int header = IpPacket.headerLength(packet, offset);
    if (header == IpPacket.totalLength(packet, offset)) {
      return true; // without a type it might be one
    }
    return switch (packet[offset + header]) {
      case DESTINATION_UNREACHABLE, 4, 5, 11, 12 -> true; // source quench, redirect, time exceeded, parameter problem
      default -> false;
    };
  }
}
