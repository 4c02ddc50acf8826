package dev.jwg.offload;

import dev.jwg.net.Checksum;

/**
 * One packet of a run, read where it lies. Knows what the kernel's receive offload (net/ipv4/tcp_offload.c,
 * udp_offload.c, af_inet.c, net/ipv6/ip6_offload.c) asks of packets before it merges them, and what else makes them
 * come out of segmentation byte for byte as they went in. Used again for other packets.
 */
final class Segment {
  /** What may be done with a packet. */
  enum Kind {
    /** Goes on its own and names no flow: other protocols, fragments, options, extension headers, broken packets. */
    OPAQUE,
    /** Belongs to a flow but goes on its own: no payload, a flag that must be seen. */
    ALONE,
    /** Goes together with its flow's neighbours. */
    MERGEABLE
  }

  private static final byte[] NONE = {};

  private static final int V4_WITHOUT_OPTIONS = 0x45;

  /** All of RFC 791's fragment word but DF. */
  private static final int V4_FRAGMENT_OR_RESERVED = ~Layout.V4_DONT_FRAGMENT & 0xffff;

  /** PSH in the 32 bits that begin with the data offset. */
  private static final int PSH_IN_WORD = Layout.PSH << 16;

  private byte[] bytes = NONE;
  private int offset;
  private int length;
  private boolean isV6;
  private int protocol;
  private int transport;
  private int payload;

  /** Reads a packet that fills its {@code count} bytes. */
  Kind read(byte[] array, int from, int count) {
    bytes = array;
    offset = from;
    length = count;
    isV6 = count >= Layout.V6_HEADER && Layout.isV6(array, from);
    if (!(isV6 ? readV6() : readV4())) {
      return Kind.OPAQUE;
    }
    return switch (protocol) {
      case Layout.TCP -> readTcp();
      case Layout.UDP -> readUdp();
      default -> Kind.OPAQUE;
    };
  }

  private boolean readV4() {
    if (length < Layout.V4_HEADER || bytes[offset] != V4_WITHOUT_OPTIONS) {
      return false;
    }
    transport = offset + Layout.V4_HEADER;
    protocol = bytes[offset + Layout.V4_PROTOCOL] & 0xff;
    return NetworkOrder.getShort(bytes, offset + Layout.V4_TOTAL_LENGTH) == length
        && (fragment() & V4_FRAGMENT_OR_RESERVED) == 0
        && isRight(Checksum.sum(bytes, offset, Layout.V4_HEADER), offset + Layout.V4_CHECKSUM);
  }

  private boolean readV6() {
    transport = offset + Layout.V6_HEADER;
    protocol = bytes[offset + Layout.V6_NEXT_HEADER] & 0xff;
    return NetworkOrder.getShort(bytes, offset + Layout.V6_PAYLOAD_LENGTH) == length - Layout.V6_HEADER;
  }

  private Kind readTcp() {
    int end = offset + length;
    if (transport + Layout.TCP_HEADER > end) {
      return Kind.OPAQUE;
    }
    int header = Layout.tcpHeaderLength(bytes, transport);
    payload = transport + header;
    if (header < Layout.TCP_HEADER || payload > end) {
      return Kind.OPAQUE;
    }
    // The window's reduction (CWR) is said once; all else left out ends, opens or interrupts a stream.
    int flags = bytes[transport + Layout.TCP_FLAGS] & 0xff & ~(Layout.PSH | Layout.ECE);
    return flags == Layout.ACK && payload < end ? Kind.MERGEABLE : Kind.ALONE;
  }

  private Kind readUdp() {
    int end = offset + length;
    payload = transport + Layout.UDP_HEADER;
    if (payload > end || NetworkOrder.getShort(bytes, transport + Layout.UDP_LENGTH) != end - transport) {
      return Kind.OPAQUE;
    }
    // Zero says that there is no checksum (RFC 768), but segmentation would make one.
    boolean hasChecksum = NetworkOrder.getShort(bytes, transport + Layout.UDP_CHECKSUM) != 0;
    return hasChecksum && payload < end ? Kind.MERGEABLE : Kind.ALONE;
  }

  /** True if a sum, checksum included, says that it is right, and its zero is the one that segmentation writes. */
  private boolean isRight(int sum, int field) {
    return Checksum.fold(sum) == 0xffff && NetworkOrder.getShort(bytes, field) != 0xffff;
  }

  boolean isChecksumRight() {
    int covered = offset + length - transport;
    int sum =
        Layout.pseudoHeaderSum(bytes, offset, protocol, covered) + Checksum.sum(bytes, transport, covered);
    return isUdp() ? Checksum.fold(sum) == 0xffff : isRight(sum, transport + Layout.TCP_CHECKSUM);
  }

  boolean isSameFlow(Segment other) {
    return ports() == other.ports()
        && protocol == other.protocol
        && isV6 == other.isV6
        && (isV6 ? hasSameAddressesV6(other) : hasSameLong(other, Layout.V4_ADDRESSES));
  }

  private boolean hasSameAddressesV6(Segment other) {
    return hasSameLong(other, Layout.V6_ADDRESSES)
        && hasSameLong(other, Layout.V6_ADDRESSES + 8)
        && hasSameLong(other, Layout.V6_ADDRESSES + 16)
        && hasSameLong(other, Layout.V6_ADDRESSES + 24);
  }

  private boolean hasSameLong(Segment other, int at) {
    return NetworkOrder.getLong(bytes, offset + at) == NetworkOrder.getLong(other.bytes, other.offset + at);
  }

  private int ports() {
    return NetworkOrder.getInt(bytes, transport);
  }

  /** True if another packet of the flow differs from this one in nothing but what segmentation writes. */
  boolean hasSameHeaders(Segment other) {
    return hasSameIpHeader(other) && (isUdp() || hasSameTcpHeader(other));
  }

  private boolean hasSameIpHeader(Segment other) {
    if (isV6) {
      // Version, traffic class and flow label; next header and hop limit.
      return NetworkOrder.getInt(bytes, offset) == NetworkOrder.getInt(other.bytes, other.offset)
          && hasSameShort(other, offset, other.offset, Layout.V6_NEXT_HEADER);
    }
    // Version, header length and TOS; DF; TTL and protocol.
    return hasSameShort(other, offset, other.offset, 0)
        && hasSameShort(other, offset, other.offset, Layout.V4_FRAGMENT)
        && hasSameShort(other, offset, other.offset, Layout.V4_TTL);
  }

  private boolean hasSameTcpHeader(Segment other) {
    int difference = tcpWord(Layout.TCP_DATA_OFFSET) ^ other.tcpWord(Layout.TCP_DATA_OFFSET);
    if ((difference & ~PSH_IN_WORD) != 0
        || tcpWord(Layout.TCP_ACKNOWLEDGMENT) != other.tcpWord(Layout.TCP_ACKNOWLEDGMENT)
        || !hasSameShort(other, transport, other.transport, Layout.TCP_URGENT)) {
      return false;
    }
    int header = payload - transport;
    for (int at = Layout.TCP_HEADER; at < header; at += 4) {
      if (tcpWord(at) != other.tcpWord(at)) {
        return false;
      }
    }
    return true;
  }

  private int tcpWord(int at) {
    return NetworkOrder.getInt(bytes, transport + at);
  }

  private boolean hasSameShort(Segment other, int base, int otherBase, int at) {
    return NetworkOrder.getShort(bytes, base + at) == NetworkOrder.getShort(other.bytes, otherBase + at);
  }

  private int fragment() {
    return NetworkOrder.getShort(bytes, offset + Layout.V4_FRAGMENT);
  }

  boolean isV6() {
    return isV6;
  }

  boolean isUdp() {
    return protocol == Layout.UDP;
  }

  /** True if it says that data is to be handed on now. */
  boolean isPushed() {
    return !isUdp() && (bytes[transport + Layout.TCP_FLAGS] & Layout.PSH) != 0;
  }

  boolean isDontFragment() {
    return !isV6 && fragment() != 0;
  }

  /** IPv4's identification. */
  int id() {
    return NetworkOrder.getShort(bytes, offset + Layout.V4_ID);
  }

  int sequence() {
    return tcpWord(Layout.TCP_SEQUENCE);
  }

  byte[] bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  int length() {
    return length;
  }

  int headersLength() {
    return payload - offset;
  }

  int payloadLength() {
    return offset + length - payload;
  }

  /**
   * Turns the packet's own headers into those of a packet of {@code total} bytes whose checksum the kernel completes,
   * and writes a virtio header before them.
   */
  void becomeSuper(int total, boolean isPushed) {
    int gsoSize = payloadLength();
    int covered = offset + total - transport;
    if (isV6) {
      NetworkOrder.putShort(bytes, offset + Layout.V6_PAYLOAD_LENGTH, total - Layout.V6_HEADER);
    } else {
      NetworkOrder.putShort(bytes, offset + Layout.V4_TOTAL_LENGTH, total);
      NetworkOrder.putShort(bytes, offset + Layout.V4_CHECKSUM, 0);
      int sum = Checksum.sum(bytes, offset, Layout.V4_HEADER);
      NetworkOrder.putShort(bytes, offset + Layout.V4_CHECKSUM, Checksum.finish(sum));
    }
    if (isUdp()) {
      NetworkOrder.putShort(bytes, transport + Layout.UDP_LENGTH, covered);
    } else if (isPushed) {
      bytes[transport + Layout.TCP_FLAGS] |= Layout.PSH;
    }
    int pseudo = Checksum.fold(Layout.pseudoHeaderSum(bytes, offset, protocol, covered));
    NetworkOrder.putShort(bytes, transport + checksumOffset(), pseudo);
    int start = transport - offset;
    VirtioNetHeader.writeSuper(
        bytes, offset - VirtioNetHeader.LENGTH, gsoType(), headersLength(), gsoSize, start, checksumOffset());
  }

  private int checksumOffset() {
    return isUdp() ? Layout.UDP_CHECKSUM : Layout.TCP_CHECKSUM;
  }

  private int gsoType() {
    if (isUdp()) {
      return VirtioNetHeader.GSO_UDP_L4;
    }
    return isV6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
  }
}
