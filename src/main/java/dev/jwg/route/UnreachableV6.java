package dev.jwg.route;

import dev.jwg.net.Checksum;
import java.util.Arrays;

/** ICMPv6 destination unreachable, address unreachable (RFC 4443 section 3.1). */
final class UnreachableV6 {
  /** RFC 4443 section 2.4 c: quote as much as fits into the smallest MTU. */
  static final int MAX_LENGTH = 1280;

  private static final int ICMP_HEADER = 8;
  private static final int QUOTE = IpPacket.V6_HEADER + ICMP_HEADER;

  private static final int DESTINATION_UNREACHABLE = 1;
  private static final int ADDRESS_UNREACHABLE = 3;
  private static final int FIRST_INFORMATIONAL = 128;
  private static final int REDIRECT = 137;
  private static final int HOP_LIMIT = 64;

  // Next headers (RFC 8200 section 4.1, RFC 4302).
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int ICMPV6 = 58;
  private static final int DESTINATION_OPTIONS = 60;

  private UnreachableV6() {}

  static int write(byte[] packet, int offset, byte[] into, int at) {
    if (!mayAnswer(packet, offset)) {
      return 0;
    }
    int length = Math.min(MAX_LENGTH, QUOTE + IpPacket.totalLength(packet, offset));
    int payload = length - IpPacket.V6_HEADER;
    Arrays.fill(into, at, at + QUOTE, (byte) 0);
    into[at] = 0x60;
    IpPacket.putShort(into, at + 4, payload);
    into[at + 6] = ICMPV6;
    into[at + 7] = HOP_LIMIT;
    System.arraycopy(packet, offset + 24, into, at + 8, 16);
    System.arraycopy(packet, offset + 8, into, at + 24, 16);

    int icmp = at + IpPacket.V6_HEADER;
    into[icmp] = DESTINATION_UNREACHABLE;
    into[icmp + 1] = ADDRESS_UNREACHABLE;
    System.arraycopy(packet, offset, into, at + QUOTE, length - QUOTE);
    // The pseudo-header: both addresses, the length and the protocol (RFC 8200 section 8.1).
    int sum = payload + ICMPV6 + Checksum.sum(into, at + 8, 32 + payload);
    IpPacket.putShort(into, icmp + 2, Checksum.finish(sum));
    return length;
  }

  /** RFC 4443 section 2.4 e; nor are fragments answered twice. */
  private static boolean mayAnswer(byte[] packet, int offset) {
    return isOneHost(packet, offset + 8) && isOneHost(packet, offset + 24) && isAnswerablePayload(packet, offset);
  }

  /** False for multicast, the unspecified address and loopback. */
  private static boolean isOneHost(byte[] packet, int at) {
    boolean multicast = packet[at] == (byte) 0xff;
    int leading = 0;
    for (int i = 0; i < 15; i++) {
      leading |= packet[at + i];
    }
    return !multicast && (leading != 0 || (packet[at + 15] & 0xff) > 1);
  }

  /** Walks the extension headers: false for ICMPv6 errors, later fragments and headers that are cut off. */
  private static boolean isAnswerablePayload(byte[] packet, int offset) {
    int end = offset + IpPacket.totalLength(packet, offset);
    int next = packet[offset + 6] & 0xff;
    int at = offset + IpPacket.V6_HEADER;
    while (isExtension(next)) {
      if (at + 8 > end || (next == FRAGMENT && (IpPacket.unsignedShort(packet, at + 2) & ~7) != 0)) {
        return false;
      }
      int length = extensionLength(next, packet[at + 1] & 0xff);
      next = packet[at] & 0xff;
      at += length;
    }
    return next != ICMPV6 || (at < end && isAnswerableType(packet[at] & 0xff));
  }

  private static boolean isAnswerableType(int type) {
    return type >= FIRST_INFORMATIONAL && type != REDIRECT;
  }

  private static boolean isExtension(int header) {
    return switch (header) {
      case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS -> true;
      default -> false;
    };
  }

  /** In bytes; each kind of header counts its own way. */
  private static int extensionLength(int header, int field) {
    return switch (header) {
      case FRAGMENT -> 8;
      case AUTHENTICATION -> (field + 2) * 4;
      default -> (field + 1) * 8;
    };
  }
}
