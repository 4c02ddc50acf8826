package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the kernel does with a packet that has a virtio header, step by step and with no regard to speed: checks what it
 * would check, then cuts. For headers without a routing header.
 */
final class SlowKernel {
  private SlowKernel() {}

  static List<byte[]> segments(byte[] written) {
    ByteBuffer virtio = ByteBuffer.wrap(written).order(ByteOrder.nativeOrder());
    boolean isPartial = (virtio.get(0) & 1) != 0;
    int type = virtio.get(1) & 0x7f;
    int gsoSize = Short.toUnsignedInt(virtio.getShort(4));
    int start = Short.toUnsignedInt(virtio.getShort(6));
    int offset = Short.toUnsignedInt(virtio.getShort(8));
    byte[] packet = Arrays.copyOfRange(written, 10, written.length);
    if (type == 0) {
      return List.of(isPartial ? completed(packet, start, start + offset) : packet);
    }
    boolean isV6 = packet[0] >>> 4 == 6;
    assertEquals(type == 5 ? isV6 : type == 4, isV6, "the type fits the version");
    int transport = isV6 ? endOfExtensions(packet) : (packet[0] & 0xf) * 4;
    if (isPartial) {
      assertEquals(transport, start, "csum_start");
      assertEquals(type == 5 ? 6 : 16, offset, "csum_offset");
    }
    return cut(packet, transport, type == 5, gsoSize);
  }

  /** What only our own super-packets must have, since the kernel's reads leave some of it to hints. */
  static void assertWellFormed(byte[] written) {
    byte[] packet = Arrays.copyOfRange(written, 10, written.length);
    ByteBuffer virtio = ByteBuffer.wrap(written).order(ByteOrder.nativeOrder());
    ByteBuffer ip = ByteBuffer.wrap(packet);
    boolean isV6 = packet[0] >>> 4 == 6;
    boolean isUdp = virtio.get(1) == 5;
    int transport = isV6 ? 40 : 20;
    int headers = transport + (isUdp ? 8 : (packet[transport + 12] & 0xf0) >>> 2);
    assertTrue(packet.length <= 65535, "length " + packet.length);
    assertEquals(1, virtio.get(0), "NEEDS_CSUM");
    assertEquals(headers, virtio.getShort(2), "hdr_len");
    assertTrue(packet.length > headers + virtio.getShort(4), "more than one segment");
    assertEquals(packet.length, isV6 ? 40 + unsigned(ip, 4) : unsigned(ip, 2), "length in the IP header");
    if (!isV6) {
      assertEquals(0xffff, SlowChecksum.sum(packet, 0, 20), "IP header checksum");
    }
    if (isUdp) {
      assertEquals(packet.length - transport, unsigned(ip, transport + 4), "length in the UDP header");
    }
    int pseudo = SlowChecksum.pseudoHeader(packet, isUdp ? 17 : 6, packet.length - transport);
    assertEquals(SlowChecksum.fold(pseudo), unsigned(ip, transport + (isUdp ? 6 : 16)), "pseudo-header sum");
  }

  private static int unsigned(ByteBuffer buffer, int at) {
    return Short.toUnsignedInt(buffer.getShort(at));
  }

  private static byte[] completed(byte[] packet, int start, int field) {
    byte[] complete = packet.clone();
    int checksum = SlowChecksum.finish(SlowChecksum.sum(packet, start, packet.length));
    ByteBuffer.wrap(complete).putShort(field, (short) (checksum == 0 ? 0xffff : checksum));
    return complete;
  }

  private static int endOfExtensions(byte[] packet) {
    int next = packet[6];
    int at = 40;
    while (next != 6 && next != 17) {
      next = packet[at];
      at += 8 + 8 * (packet[at + 1] & 0xff);
    }
    return at;
  }

  private static List<byte[]> cut(byte[] packet, int transport, boolean isUdp, int gsoSize) {
    int headers = transport + (isUdp ? 8 : (packet[transport + 12] & 0xf0) >>> 2);
    List<byte[]> segments = new ArrayList<>();
    for (int from = headers; from < packet.length || segments.isEmpty(); from += gsoSize) {
      int to = Math.min(packet.length, from + gsoSize);
      byte[] segment = Arrays.copyOf(packet, headers + to - from);
      System.arraycopy(packet, from, segment, headers, to - from);
      ByteBuffer fields = ByteBuffer.wrap(segment);
      ip(segment, segments.size(), transport);
      if (isUdp) {
        fields.putShort(transport + 4, (short) (segment.length - transport));
      } else {
        fields.putInt(transport + 4, fields.getInt(transport + 4) + from - headers);
        int flags = segment[transport + 13];
        flags = from == headers ? flags : flags & ~0x80;
        flags = to == packet.length ? flags : flags & ~0x09;
        fields.put(transport + 13, (byte) flags);
      }
      checksum(segment, transport, isUdp);
      segments.add(segment);
    }
    return segments;
  }

  private static void ip(byte[] segment, int index, int transport) {
    ByteBuffer fields = ByteBuffer.wrap(segment);
    int length = segment.length;
    if (fields.get(0) >>> 4 == 6) {
      fields.putShort(4, (short) (length - 40));
      return;
    }
    fields.putShort(2, (short) length);
    fields.putShort(4, (short) (fields.getShort(4) + index));
    fields.putShort(10, (short) 0);
    fields.putShort(10, (short) SlowChecksum.finish(SlowChecksum.sum(segment, 0, transport)));
  }

  private static void checksum(byte[] segment, int transport, boolean isUdp) {
    ByteBuffer fields = ByteBuffer.wrap(segment);
    int field = transport + (isUdp ? 6 : 16);
    fields.putShort(field, (short) 0);
    int sum =
        SlowChecksum.pseudoHeader(segment, isUdp ? 17 : 6, segment.length - transport)
            + SlowChecksum.sum(segment, transport, segment.length);
    int checksum = SlowChecksum.finish(sum);
    fields.putShort(field, (short) (isUdp && checksum == 0 ? 0xffff : checksum));
  }
}
