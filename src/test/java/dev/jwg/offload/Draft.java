package dev.jwg.offload;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** An inner packet under construction: a data segment or datagram unless told otherwise, with right checksums. */
final class Draft {
  private final boolean isV6;
  private final boolean isTcp;
  private int host = 1;
  private int tos;
  private int ttl = 64;
  private int id = 100;
  private int fragment = 0x4000;
  private int flowLabel;
  private int ports = 0x1f90_0050;
  private int sequence = 1_000;
  private int acknowledgment = 7;
  private int flags = 0x10;
  private int reserved;
  private int window = 512;
  private int urgent;
  private byte[] ipOptions = {};
  private byte[] extensions = {};
  private byte[] tcpOptions = {};
  private byte[] payload = filled(100, 1);
  private boolean isWithoutChecksum;

  private Draft(boolean isV6, boolean isTcp) {
    this.isV6 = isV6;
    this.isTcp = isTcp;
  }

  static Draft of(boolean isV6, boolean isTcp) {
    return new Draft(isV6, isTcp);
  }

  static Draft tcp4() {
    return of(false, true);
  }

  static Draft tcp6() {
    return of(true, true);
  }

  static Draft udp4() {
    return of(false, false);
  }

  static Draft udp6() {
    return of(true, false);
  }

  static byte[] filled(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** The last byte of the source address. */
  Draft host(int value) {
    host = value;
    return this;
  }

  Draft tos(int value) {
    tos = value;
    return this;
  }

  Draft ttl(int value) {
    ttl = value;
    return this;
  }

  Draft id(int value) {
    id = value;
    return this;
  }

  /** The IPv4 fragment word: DF is 0x4000. */
  Draft fragment(int value) {
    fragment = value;
    return this;
  }

  Draft flowLabel(int value) {
    flowLabel = value;
    return this;
  }

  Draft ports(int value) {
    ports = value;
    return this;
  }

  Draft sequence(int value) {
    sequence = value;
    return this;
  }

  Draft acknowledgment(int value) {
    acknowledgment = value;
    return this;
  }

  Draft flags(int value) {
    flags = value;
    return this;
  }

  /** The four bits between data offset and flags. */
  Draft reserved(int value) {
    reserved = value;
    return this;
  }

  Draft window(int value) {
    window = value;
    return this;
  }

  Draft urgent(int value) {
    urgent = value;
    return this;
  }

  Draft ipOptions(byte... value) {
    ipOptions = value;
    return this;
  }

  /** A hop-by-hop options header of this many bytes, a multiple of 8. */
  Draft extension(int length) {
    extensions = new byte[length];
    extensions[0] = (byte) (isTcp ? 6 : 17);
    extensions[1] = (byte) (length / 8 - 1);
    return this;
  }

  Draft tcpOptions(byte... value) {
    tcpOptions = value;
    return this;
  }

  Draft payload(byte... value) {
    payload = value;
    return this;
  }

  Draft payload(int length) {
    return payload(filled(length, length));
  }

  /** UDP's zero: none was made. */
  Draft withoutChecksum() {
    isWithoutChecksum = true;
    return this;
  }

  byte[] payload() {
    return payload;
  }

  int transportOffset() {
    return isV6 ? 40 + extensions.length : 20 + ipOptions.length;
  }

  int headersLength() {
    return transportOffset() + (isTcp ? 20 + tcpOptions.length : 8);
  }

  int checksumField() {
    return transportOffset() + (isTcp ? 16 : 6);
  }

  byte[] packet() {
    byte[] packet = withoutTransportChecksum();
    if (!isWithoutChecksum) {
      int sum = pseudoHeader(packet) + SlowChecksum.sum(packet, transportOffset(), packet.length);
      int checksum = SlowChecksum.finish(sum);
      put(packet, checksumField(), !isTcp && checksum == 0 ? 0xffff : checksum);
    }
    return packet;
  }

  /** As the kernel hands it over: a virtio header, and the pseudo-header's sum in the checksum field. */
  byte[] partial(int gsoType, int gsoSize) {
    byte[] packet = withoutTransportChecksum();
    put(packet, checksumField(), SlowChecksum.fold(pseudoHeader(packet)));
    return withVirtio(packet, 1, gsoType, gsoSize, transportOffset(), checksumField() - transportOffset());
  }

  static byte[] withVirtio(byte[] packet, int flags, int gsoType, int gsoSize, int start, int offset) {
    return ByteBuffer.allocate(10 + packet.length)
        .order(ByteOrder.nativeOrder())
        .put((byte) flags)
        .put((byte) gsoType)
        .putShort((short) 0)
        .putShort((short) gsoSize)
        .putShort((short) start)
        .putShort((short) offset)
        .put(packet)
        .array();
  }

  private int pseudoHeader(byte[] packet) {
    return SlowChecksum.pseudoHeader(packet, isTcp ? 6 : 17, packet.length - transportOffset());
  }

  private byte[] withoutTransportChecksum() {
    byte[] packet = new byte[headersLength() + payload.length];
    ByteBuffer buffer = ByteBuffer.wrap(packet);
    if (isV6) {
      ipV6(buffer);
    } else {
      ipV4(buffer);
      put(packet, 10, SlowChecksum.finish(SlowChecksum.sum(packet, 0, 20 + ipOptions.length)));
    }
    if (isTcp) {
      int dataOffset = (20 + tcpOptions.length) / 4;
      buffer.putInt(ports).putInt(sequence).putInt(acknowledgment);
      buffer.put((byte) (dataOffset << 4 | reserved)).put((byte) flags).putShort((short) window);
      buffer.putShort((short) 0).putShort((short) urgent).put(tcpOptions);
    } else {
      buffer.putInt(ports).putShort((short) (8 + payload.length)).putShort((short) 0);
    }
    buffer.put(payload);
    return packet;
  }

  private void ipV4(ByteBuffer buffer) {
    buffer.put((byte) (0x40 | (20 + ipOptions.length) / 4)).put((byte) tos).putShort((short) buffer.capacity());
    buffer.putShort((short) id).putShort((short) fragment).put((byte) ttl).put((byte) (isTcp ? 6 : 17));
    buffer.putShort((short) 0).putInt(0x0a00_0000 | host).putInt(0x0a00_00fe).put(ipOptions);
  }

  private void ipV6(ByteBuffer buffer) {
    buffer.putInt(6 << 28 | tos << 20 | flowLabel).putShort((short) (buffer.capacity() - 40));
    buffer.put((byte) (extensions.length > 0 ? 0 : isTcp ? 6 : 17)).put((byte) ttl);
    buffer.putLong(0xfd00L << 48).putLong(host).putLong(0xfd00L << 48).putLong(254).put(extensions);
  }

  private static void put(byte[] bytes, int at, int value) {
    ByteBuffer.wrap(bytes).putShort(at, (short) value);
  }
}
