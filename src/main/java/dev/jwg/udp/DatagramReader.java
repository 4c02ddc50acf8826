package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes datagrams from a socket with where they came from, where they arrived and their TOS byte. The kernel may hand over
 * several in one message, which then differ in nothing but content. Not thread-safe.
 */
final class DatagramReader {
  // linux/udp.h
  private static final int SOL_UDP = 17;
  private static final int UDP_GRO = 104;

  private final MessageMemory message = new MessageMemory();
  private final NativeMemory memory = message.memory();
  private final EndpointCache endpoints = new EndpointCache();
  private final int maxLength;

  // Of the message received last; from `moved` to `length` it is still to be handed over.
  private int length;
  private int moved;
  private int segment;
  private @Nullable Endpoint remote;
  private int tos;
  private long localHigh;
  private long localLow;
  private int interfaceIndex;

  /** A reader of messages of at most {@code maxLength} bytes. */
  DatagramReader(int maxLength) {
    this.maxLength = maxLength;
  }

  /**
   * Receives the next message, to be {@linkplain #moveTo moved} before the one after it.
   *
   * @return 0, or the error number: EMSGSIZE for a message that was too long and is lost
   */
  int receive(int fd, Family family) {
    message.nameLength(MessageMemory.SOCKADDR_IN6_SIZE);
    message.control(MessageMemory.CONTROL, MessageMemory.CONTROL + MessageMemory.CONTROL_SIZE);
    message.payloadLength(maxLength);
    length = (int) Libc.recvmsg(fd, message.header(), 0);
    if (length < 0) {
      return Libc.errno();
    }
    if (message.isTruncated()) {
      return Errno.EMSGSIZE.number();
    }
    moved = 0;
    readControl(family);
    remote = family == Family.V6 ? endpointV6() : endpointV4();
    return 0;
  }

  /**
   * Appends the received message's datagrams to a batch, as far as there is room.
   *
   * @return true if that was the last of them
   */
  boolean moveTo(Batch batch) {
    Endpoint sender = Objects.requireNonNull(remote);
    int size = segment > 0 ? segment : length;
    do {
      int part = Math.min(size, length - moved);
      if (!batch.hasRoom(part)) {
        return false;
      }
      int slot = batch.count();
      message.copyOut(moved, batch.bytes(), batch.append(part), part);
      batch.tos(slot, tos);
      batch.remote(slot, sender);
      moved += part;
    } while (moved < length);
    return true;
  }

  private void readControl(Family family) {
    segment = 0;
    tos = 0;
    localHigh = 0;
    localLow = 0;
    interfaceIndex = 0;
    int end = MessageMemory.CONTROL + message.controlLength();
    int at = MessageMemory.CONTROL;
    while (at + MessageMemory.CMSG_HEADER <= end) {
      readControl(family, memory.getInt(at + 8), memory.getInt(at + 12), at + MessageMemory.CMSG_HEADER);
      int length = (int) memory.getLong(at);
      if (length < MessageMemory.CMSG_HEADER || length > end - at) {
        return;
      }
      at += MessageMemory.align(length);
    }
  }

  private void readControl(Family family, int level, int type, int data) {
    if (level == SOL_UDP && type == UDP_GRO) {
      segment = memory.getInt(data);
    } else if (level == family.level && type == family.packetInfo) {
      readPacketInfo(family, data);
    } else if (level == family.level && type == family.tos) {
      // IP_TOS brings one byte, IPV6_TCLASS an int: ip(7), RFC 3542 section 6.5.
      tos = family == Family.V4 ? memory.getByte(data) & 0xff : memory.getInt(data);
    }
  }

  private void readPacketInfo(Family family, int data) {
    if (family == Family.V4) {
      // struct in_pktinfo, ip(7): interface index, local address to answer from, destination address.
      localLow = Integer.toUnsignedLong(memory.getNetworkInt(data + 4));
    } else {
      // struct in6_pktinfo, RFC 3542 section 6.1: address, interface index.
      localHigh = memory.getNetworkLong(data);
      localLow = memory.getNetworkLong(data + 8);
      interfaceIndex = isLinkLocal(localHigh) ? memory.getInt(data + 16) : 0;
    }
  }

  /** Only a link-local address needs its interface: answers from any other leave as the routing table says. */
  private static boolean isLinkLocal(long high) {
    return high >>> 54 == 0xfe80 >>> 6; // fe80::/10, RFC 4291 section 2.5.6
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
