package dev.jwg.udp;

import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;

/**
 * Hands datagrams for one endpoint after the other to a socket. The control messages are the segment size, the TOS byte
 * and the source: the first and the last can be left out. Not thread-safe.
 */
final class DatagramWriter {
  // linux/udp.h
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;

  private static final int SEGMENT = MessageMemory.CONTROL;
  private static final int SEGMENT_SIZE = MessageMemory.CMSG_HEADER + 2;
  private static final int TOS = SEGMENT + MessageMemory.align(SEGMENT_SIZE);
  private static final int TOS_SIZE = MessageMemory.CMSG_HEADER + 4;
  private static final int SOURCE = TOS + MessageMemory.align(TOS_SIZE);
  private static final int SOURCE_V4_SIZE = MessageMemory.CMSG_HEADER + 12;
  private static final int SOURCE_V6_SIZE = MessageMemory.CMSG_HEADER + 20;

  private final MessageMemory message = new MessageMemory();
  private final NativeMemory memory = message.memory();
  private int controlEnd = SOURCE;
  private boolean usesSource;
  private Family sourceFamily = Family.V4;

  DatagramWriter() {
    controlHeader(SEGMENT, SEGMENT_SIZE, SOL_UDP, UDP_SEGMENT);
  }

  /** Names where the next datagrams go and what they leave from. */
  void aim(Endpoint endpoint) {
    Family family = Family.of(endpoint.address().isV6());
    if (family == Family.V4) {
      nameV4(endpoint);
    } else {
      nameV6(endpoint);
    }
    controlHeader(TOS, TOS_SIZE, family.level, family.tos);
    controlEnd = SOURCE;
    Endpoint.Source source = endpoint.source();
    IpAddress address = source.address();
    usesSource = source.hasAddress() && address.isV6() == endpoint.address().isV6();
    if (usesSource || source.interfaceIndex() != 0) {
      source(family, source);
    }
  }

  private void nameV4(Endpoint endpoint) {
    message.nameLength(MessageMemory.SOCKADDR_IN_SIZE);
    memory.putShort(MessageMemory.NAME, Family.V4.domain);
    memory.putNetworkShort(MessageMemory.NAME + 2, endpoint.port());
    memory.putNetworkInt(MessageMemory.NAME + 4, (int) endpoint.address().low());
  }

  private void nameV6(Endpoint endpoint) {
    message.nameLength(MessageMemory.SOCKADDR_IN6_SIZE);
    memory.putShort(MessageMemory.NAME, Family.V6.domain);
    memory.putNetworkShort(MessageMemory.NAME + 2, endpoint.port());
    memory.putInt(MessageMemory.NAME + 4, 0); // flow label: none
    memory.putNetworkLong(MessageMemory.NAME + 8, endpoint.address().high());
    memory.putNetworkLong(MessageMemory.NAME + 16, endpoint.address().low());
    memory.putInt(MessageMemory.NAME + 24, endpoint.scopeId());
  }

  private void source(Family family, Endpoint.Source source) {
    int data = SOURCE + MessageMemory.CMSG_HEADER;
    int size = family == Family.V4 ? SOURCE_V4_SIZE : SOURCE_V6_SIZE;
    sourceFamily = family;
    controlHeader(SOURCE, size, family.level, family.packetInfo);
    // Interface 0 leaves the way to the routing table, which is what the kernel's module does: with an interface named,
    // Linux takes an IPv4 peer to be on that link when no route leads there by it.
    memory.putInt(data + (family == Family.V4 ? 0 : 16), source.interfaceIndex());
    address(data, usesSource ? source.address() : IpAddress.ANY_V4);
    controlEnd = SOURCE + MessageMemory.align(size);
  }

  private void address(int data, IpAddress source) {
    if (sourceFamily == Family.V4) {
      memory.putNetworkInt(data + 4, (int) source.low());
    } else {
      memory.putNetworkLong(data, source.high());
      memory.putNetworkLong(data + 8, source.low());
    }
  }

  private void controlHeader(int at, int size, int level, int type) {
    memory.putLong(at, size);
    memory.putInt(at + 8, level);
    memory.putInt(at + 12, type);
  }

  /** True if the next datagram leaves from the endpoint's source address, false if the kernel chooses one. */
  boolean usesSource() {
    return usesSource;
  }

  /**
   * Lets the kernel choose the address that the next datagrams leave from, until the next aim. An interface that the
   * endpoint names stays: it keeps datagrams out of our own tunnel.
   */
  void dropSource() {
    usesSource = false;
    address(SOURCE + MessageMemory.CMSG_HEADER, IpAddress.ANY_V4);
  }

  /** Begins with a datagram. */
  void put(byte[] bytes, int offset, int length) {
    message.payloadLength(0);
    message.append(bytes, offset, length);
  }

  /** Adds a datagram behind those that are there. */
  void append(byte[] bytes, int offset, int length) {
    message.append(bytes, offset, length);
  }

  /**
   * Sends what is there as one datagram; once more if called again.
   *
   * @return 0, or the error number
   */
  int send(int fd, int tos) {
    message.control(TOS, controlEnd);
    return sendmsg(fd, tos);
  }

  /**
   * Sends what is there as datagrams of one size; only the last may be shorter.
   *
   * @return 0, or the error number
   */
  int sendSegments(int fd, int tos, int size) {
    memory.putShort(SEGMENT + MessageMemory.CMSG_HEADER, size);
    message.control(SEGMENT, controlEnd);
    return sendmsg(fd, tos);
  }

  private int sendmsg(int fd, int tos) {
    memory.putInt(TOS + MessageMemory.CMSG_HEADER, tos);
    return Libc.sendmsg(fd, message.header(), 0) < 0 ? Libc.errno() : 0;
  }
}
