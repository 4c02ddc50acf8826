package dev.jwg.offload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What stands before each packet of a TUN device with IFF_VNET_HDR: struct virtio_net_hdr of linux/virtio_net.h, in the
 * byte order of the machine.
 */
public final class VirtioNetHeader {
  /** Size in bytes: the kernel's default for a TUN device (linux/if_tun.h, TUNSETVNETHDRSZ). */
  public static final int LENGTH = 10;

  /** VIRTIO_NET_HDR_F_NEEDS_CSUM: the checksum field holds the sum of the pseudo-header only. */
  static final int NEEDS_CSUM = 1;

  /** VIRTIO_NET_HDR_GSO_NONE: one packet. */
  static final int GSO_NONE = 0;

  /** VIRTIO_NET_HDR_GSO_TCPV4. */
  static final int GSO_TCPV4 = 1;

  /** VIRTIO_NET_HDR_GSO_TCPV6. */
  static final int GSO_TCPV6 = 4;

  /** VIRTIO_NET_HDR_GSO_UDP_L4: datagrams of equal size, of either IP version. */
  static final int GSO_UDP_L4 = 5;

  /** VIRTIO_NET_HDR_GSO_ECN: an addition to the TCP types, for a packet with CWR set. */
  static final int GSO_ECN = 0x80;

  private static final int GSO_TYPE = 1;
  private static final int HEADER_LENGTH = 2;
  private static final int GSO_SIZE = 4;
  private static final int CHECKSUM_START = 6;
  private static final int CHECKSUM_OFFSET = 8;

  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());

  private VirtioNetHeader() {}

  static boolean needsChecksum(byte[] bytes, int offset) {
    return (bytes[offset] & NEEDS_CSUM) != 0;
  }

  /** What kind of packet it is, {@link #GSO_ECN} left out. */
  static int gsoType(byte[] bytes, int offset) {
    return bytes[offset + GSO_TYPE] & 0xff & ~GSO_ECN;
  }

  /** Payload bytes of each packet that this one stands for. */
  static int gsoSize(byte[] bytes, int offset) {
    return unsignedShort(bytes, offset + GSO_SIZE);
  }

  /** Where in the packet the checksum's cover begins: the transport header. */
  static int checksumStart(byte[] bytes, int offset) {
    return unsignedShort(bytes, offset + CHECKSUM_START);
  }

  /** Where the checksum lies, from its start. */
  static int checksumOffset(byte[] bytes, int offset) {
    return unsignedShort(bytes, offset + CHECKSUM_OFFSET);
  }

  private static int unsignedShort(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xffff;
  }

  /** Writes the header of a packet that is complete. */
  public static void writePlain(byte[] bytes, int offset) {
    for (int i = 0; i < LENGTH; i++) {
      bytes[offset + i] = 0;
    }
  }

  /** Writes the header of a packet that stands for several. */
  static void writeSuper(
      byte[] bytes, int offset, int gsoType, int headers, int gsoSize, int checksumStart, int checksumOffset) {
    bytes[offset] = NEEDS_CSUM;
    bytes[offset + GSO_TYPE] = (byte) gsoType;
    SHORT.set(bytes, offset + HEADER_LENGTH, (short) headers);
    SHORT.set(bytes, offset + GSO_SIZE, (short) gsoSize);
    SHORT.set(bytes, offset + CHECKSUM_START, (short) checksumStart);
    SHORT.set(bytes, offset + CHECKSUM_OFFSET, (short) checksumOffset);
  }
}
