package dev.jwg.udp;

import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;

/** Takes datagrams from a socket with where they came from, where they arrived and their TOS byte. Not thread-safe. */
final class DatagramReader {
  private final MessageMemory message = new MessageMemory();
  private final NativeMemory memory = message.memory();
  private final EndpointCache endpoints = new EndpointCache();

  private int tos;
  private long localHigh;
  private long localLow;
  private int interfaceIndex;

  DatagramReader() {
    message.datagramLength(Batch.MAX_LENGTH);
  }

  /**
   * Appends the next datagram to a batch that has room for {@link Batch#MAX_LENGTH}.
   *
   * @return 0, or the error number
   */
  int read(int fd, Family family, Batch batch) {
    message.nameLength(MessageMemory.SOCKADDR_IN6_SIZE);
    message.controlLength(MessageMemory.CONTROL_SIZE);
    int length = (int) Libc.recvmsg(fd, message.header(), 0);
    if (length < 0) {
      return Libc.errno();
    }
    readControl(family);
    int slot = batch.count();
    message.getDatagram(batch.bytes(), batch.append(length), length);
    batch.tos(slot, tos);
    batch.remote(slot, family == Family.V6 ? endpointV6() : endpointV4());
    return 0;
  }

  private void readControl(Family family) {
    tos = 0;
    localHigh = 0;
    localLow = 0;
    interfaceIndex = 0;
    int end = MessageMemory.CONTROL + message.controlLength();
    int at = MessageMemory.CONTROL;
    while (at + MessageMemory.CMSG_HEADER <= end) {
      int length = (int) memory.getLong(at);
      if (memory.getInt(at + 8) == family.level) {
        readControl(family, memory.getInt(at + 12), at + MessageMemory.CMSG_HEADER);
      }
      at += MessageMemory.align(length);
    }
  }

  private void readControl(Family family, int type, int data) {
    if (type == family.packetInfo) {
      readPacketInfo(family, data);
    } else if (type == family.tos) {
      // IP_TOS brings one byte, IPV6_TCLASS an int: ip(7), RFC 3542 section 6.5.
      tos = family == Family.V4 ? memory.getByte(data) & 0xff : memory.getInt(data);
    }
  }

  private void readPacketInfo(Family family, int data) {
    if (family == Family.V4) {
      // struct in_pktinfo, ip(7): interface index, local address to answer from, destination address.
      interfaceIndex = memory.getInt(data);
      localLow = Integer.toUnsignedLong(memory.getNetworkInt(data + 4));
    } else {
      // struct in6_pktinfo, RFC 3542 section 6.1: address, interface index.
      localHigh = memory.getNetworkLong(data);
      localLow = memory.getNetworkLong(data + 8);
      interfaceIndex = memory.getInt(data + 16);
    }
  }

  private Endpoint endpointV4() {
    int port = memory.getNetworkShort(MessageMemory.NAME + 2);
    long address = Integer.toUnsignedLong(memory.getNetworkInt(MessageMemory.NAME + 4));
    return endpoints.get(false, 0, address, port, 0, localHigh, localLow, interfaceIndex);
  }

  private Endpoint endpointV6() {
    int port = memory.getNetworkShort(MessageMemory.NAME + 2);
    long high = memory.getNetworkLong(MessageMemory.NAME + 8);
    long low = memory.getNetworkLong(MessageMemory.NAME + 16);
    int scopeId = memory.getInt(MessageMemory.NAME + 24);
    return endpoints.get(true, high, low, port, scopeId, localHigh, localLow, interfaceIndex);
  }
}
