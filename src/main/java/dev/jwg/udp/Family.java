package dev.jwg.udp;

/**
 * What differs between the two address families (bits/socket.h, linux/in.h, linux/in6.h; the meaning in ip(7) and ipv6(7)).
 */
enum Family {
  /** Addresses of 4 bytes. */
  V4(2, 0, 8, 8, 13, 1, 10),
  /** Addresses of 16 bytes. */
  V6(10, 41, 49, 50, 66, 67, 23);

  /** AF_INET or AF_INET6. */
  final int domain;

  /** IPPROTO_IP or IPPROTO_IPV6. */
  final int level;

  /** Socket option that asks for packet info: IP_PKTINFO or IPV6_RECVPKTINFO. */
  final int receivePacketInfo;

  /** Control message with the local address and interface: IP_PKTINFO or IPV6_PKTINFO. */
  final int packetInfo;

  /** Socket option that asks for the TOS byte: IP_RECVTOS or IPV6_RECVTCLASS. */
  final int receiveTos;

  /** Control message with the TOS byte: IP_TOS or IPV6_TCLASS. */
  final int tos;

  /** IP_MTU_DISCOVER or IPV6_MTU_DISCOVER. */
  final int mtuDiscover;

  Family(int domain, int level, int receivePacketInfo, int packetInfo, int receiveTos, int tos, int mtuDiscover) {
    this.domain = domain;
    this.level = level;
    this.receivePacketInfo = receivePacketInfo;
    this.packetInfo = packetInfo;
    this.receiveTos = receiveTos;
    this.tos = tos;
    this.mtuDiscover = mtuDiscover;
  }

  static Family of(boolean isV6) {
    return isV6 ? V6 : V4;
  }
}
