package dev.jwg.testing;

import dev.jwg.net.IpAddress;
import java.nio.ByteBuffer;

/** Inner IP packets as a host makes them. */
public final class Packets {
  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;
  private static final int UDP_HEADER = 8;
  private static final byte PROTOCOL_UDP = 17;

  private Packets() {}

  /** A UDP packet of {@code length} bytes in all, filled with {@code seed} and what follows from it. */
  public static byte[] udp(IpAddress from, IpAddress to, int length, int seed) {
    return udp(from, to, length, seed, 0);
  }

  /** As above, with a TOS or traffic class byte. */
  public static byte[] udp(IpAddress from, IpAddress to, int length, int seed, int tos) {
    byte[] packet = new byte[length];
    int header = from.isV6() ? V6_HEADER : V4_HEADER;
    ByteBuffer buffer = ByteBuffer.wrap(packet);
    if (from.isV6()) {
      buffer.putInt((6 << 28) | (tos << 20)).putShort((short) (length - header)).put(PROTOCOL_UDP).put((byte) 64);
    } else {
      buffer.put((byte) 0x45).put((byte) tos).putShort((short) length).putInt(0);
      buffer.put((byte) 64).put(PROTOCOL_UDP).putShort((short) 0);
    }
    buffer.put(from.toBytes()).put(to.toBytes());
    buffer.putShort((short) 7).putShort((short) 7).putShort((short) (length - header)).putShort((short) 0);
    for (int i = header + UDP_HEADER; i < length; i++) {
      packet[i] = (byte) (seed + 31 * i);
    }
    for (int i = 0; i < Integer.BYTES && header + UDP_HEADER + i < length; i++) {
      packet[header + UDP_HEADER + i] = (byte) (seed >>> (24 - 8 * i));
    }
    if (!from.isV6()) {
      buffer.putShort(10, (short) checksum(packet));
    }
    return packet;
  }

  /** The RFC 1071 checksum over an IPv4 header whose checksum field counts as it stands; 0 if a whole header is right. */
  public static int checksum(byte[] packet) {
    int sum = 0;
    for (int i = 0; i < V4_HEADER; i += 2) {
      sum += ((packet[i] & 0xff) << 8) | (packet[i + 1] & 0xff);
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    return ~sum & 0xffff;
  }
}
