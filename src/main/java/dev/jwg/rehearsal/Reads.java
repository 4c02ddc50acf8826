package dev.jwg.rehearsal;

import dev.jwg.net.Checksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a TUN device with IFF_VNET_HDR hands over of a TCP stream through an interface of the default MTU. Layouts: struct
 * virtio_net_hdr of linux/virtio_net.h, RFC 791 section 3.1, RFC 9293 section 3.1, RFC 7323 section 3.2.
 */
final class Reads {
  static final int SOURCE = 0x0a080001; // 10.8.0.1
  static final int DESTINATION = 0x0a080002;

  private static final int VIRTIO_HEADER = 10;
  private static final int IP_HEADER = 20;
  private static final int TCP_HEADER = 32; // with a timestamp, as Linux sends it
  private static final int IP_CHECKSUM = 10;
  private static final int IP_ADDRESSES = 12;
  private static final int TCP_CHECKSUM = 16;

  /** What is left of an MTU of 1420. */
  static final int SEGMENT = 1420 - IP_HEADER - TCP_HEADER;

  // linux/virtio_net.h
  private static final byte NEEDS_CSUM = 1;
  private static final byte GSO_TCPV4 = 1;

  private static final int TCP = 6;
  private static final int ACK = 0x10;
  private static final int PSH = 0x08;

  private Reads() {}

  /** So many bytes of a stream, perhaps none, for full segments and a rest; one that is pushed if the stream pauses. */
  static byte[] ofStream(int payload, boolean pauses) {
    boolean isSuper = payload > SEGMENT;
    int length = IP_HEADER + TCP_HEADER + payload;
    ByteBuffer read = ByteBuffer.allocate(VIRTIO_HEADER + length).order(ByteOrder.nativeOrder());
    read.put(NEEDS_CSUM).put(isSuper ? GSO_TCPV4 : 0);
    read.putShort((short) (IP_HEADER + TCP_HEADER)).putShort((short) (isSuper ? SEGMENT : 0));
    read.putShort((short) IP_HEADER).putShort((short) TCP_CHECKSUM);

    read.order(ByteOrder.BIG_ENDIAN);
    read.putShort((short) 0x4500).putShort((short) length); // version 4, five words of header
    read.putShort((short) 1).putShort((short) 0x4000); // not to be fragmented
    read.put((byte) 64).put((byte) TCP).putShort((short) 0);
    read.putInt(SOURCE).putInt(DESTINATION);
    int ipSum = Checksum.sum(read.array(), VIRTIO_HEADER, IP_HEADER);
    read.putShort(VIRTIO_HEADER + IP_CHECKSUM, (short) Checksum.finish(ipSum));

    read.putShort((short) 40000).putShort((short) 5201).putInt(1).putInt(1); // ports, sequence, acknowledgment
    read.put((byte) ((TCP_HEADER / 4) << 4)).put((byte) (pauses ? ACK | PSH : ACK)).putShort((short) 0xffff);
    int pseudoHeader = Checksum.sum(read.array(), VIRTIO_HEADER + IP_ADDRESSES, 8) + TCP + TCP_HEADER + payload;
    read.putShort((short) Checksum.fold(pseudoHeader)).putShort((short) 0);
    read.putInt(0x0101080a).putInt(1).putInt(1); // padding, the timestamp option
    return read.array();
  }
}
