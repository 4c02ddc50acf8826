package dev.jwg.offload;

import dev.jwg.net.Checksum;

/** Where the fields lie: IPv4 RFC 791 section 3.1, IPv6 RFC 8200 section 3, TCP RFC 9293 section 3.1, UDP RFC 768. */
final class Layout {
  static final int V4_HEADER = 20;
  static final int V4_TOTAL_LENGTH = 2;
  static final int V4_ID = 4;
  static final int V4_FRAGMENT = 6;
  static final int V4_TTL = 8;
  static final int V4_PROTOCOL = 9;
  static final int V4_CHECKSUM = 10;
  static final int V4_ADDRESSES = 12;

  /** In the 16 bits at {@link #V4_FRAGMENT}. */
  static final int V4_DONT_FRAGMENT = 0x4000;

  static final int V6_HEADER = 40;
  static final int V6_PAYLOAD_LENGTH = 4;
  static final int V6_NEXT_HEADER = 6;
  static final int V6_ADDRESSES = 8;

  /** Assigned Internet Protocol Numbers (IANA). */
  static final int TCP = 6;

  static final int UDP = 17;

  static final int TCP_HEADER = 20;
  static final int TCP_SEQUENCE = 4;
  static final int TCP_ACKNOWLEDGMENT = 8;
  static final int TCP_DATA_OFFSET = 12;
  static final int TCP_FLAGS = 13;
  static final int TCP_CHECKSUM = 16;
  static final int TCP_URGENT = 18;

  static final int FIN = 0x01;
  static final int PSH = 0x08;
  static final int ACK = 0x10;
  static final int ECE = 0x40;
  static final int CWR = 0x80;

  static final int UDP_HEADER = 8;
  static final int UDP_LENGTH = 4;
  static final int UDP_CHECKSUM = 6;

  private Layout() {}

  static boolean isV6(byte[] bytes, int offset) {
    return version(bytes, offset) == 6;
  }

  static int version(byte[] bytes, int offset) {
    return (bytes[offset] & 0xf0) >>> 4;
  }

  /** Length of an IPv4 header with its options, as it says itself. */
  static int v4HeaderLength(byte[] bytes, int offset) {
    return (bytes[offset] & 0xf) * 4;
  }

  /** Length of a TCP header with its options, as it says itself. */
  static int tcpHeaderLength(byte[] bytes, int offset) {
    return (bytes[offset + TCP_DATA_OFFSET] & 0xf0) >>> 2;
  }

  /**
   * The sum of a pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1).
   *
   * @param packet where the IP header begins; of an IPv6 header the destination address counts
   * @param length of the transport header and its payload
   */
  static int pseudoHeaderSum(byte[] bytes, int packet, int protocol, int length) {
    int addresses =
        isV6(bytes, packet)
            ? Checksum.sum(bytes, packet + V6_ADDRESSES, 32)
            : Checksum.sum(bytes, packet + V4_ADDRESSES, 8);
    return addresses + protocol + length;
  }
}
