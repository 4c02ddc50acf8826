package dev.jwg.route;

import dev.jwg.net.Checksum;
import dev.jwg.net.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Inner IP packets read where they lie. {@link #check} first; every other method trusts that it said {@link Check#OK}.
 *
 * <p>Layouts: IPv4 RFC 791 section 3.1, IPv6 RFC 8200 section 3.
 */
public final class IpPacket {
  static final int V4_HEADER = 20;
  static final int V6_HEADER = 40;

  private static final int V4_TOTAL_LENGTH = 2;
  private static final int V4_CHECKSUM = 10;
  private static final int V4_SOURCE = 12;
  private static final int V4_DESTINATION = 16;
  private static final int V6_PAYLOAD_LENGTH = 4;
  private static final int V6_SOURCE = 8;
  private static final int V6_DESTINATION = 24;

  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Whether bytes are an IP packet, and if not, why. */
  public enum Check {
    OK,
    /** Too few bytes for a header. */
    TRUNCATED,
    /** Neither version 4 nor 6. */
    UNKNOWN_VERSION,
    /** The IPv4 header length is below 20 or beyond the packet. */
    BAD_HEADER_LENGTH,
    /** The header claims more bytes than there are, or fewer than itself. */
    BAD_TOTAL_LENGTH
  }

  private IpPacket() {}

  /** Judges {@code length} bytes at {@code offset}; bytes behind the packet, such as padding, are welcome. */
  public static Check check(byte[] bytes, int offset, int length) {
    if (length < V4_HEADER) {
      return Check.TRUNCATED;
    }
    return switch (version(bytes, offset)) {
      case 4 -> checkV4(bytes, offset, length);
      case 6 -> checkV6(bytes, offset, length);
      default -> Check.UNKNOWN_VERSION;
    };
  }

  private static Check checkV4(byte[] bytes, int offset, int length) {
    int total = totalLength(bytes, offset);
    if (total < V4_HEADER || total > length) {
      return Check.BAD_TOTAL_LENGTH;
    }
    int header = headerLength(bytes, offset);
    return header < V4_HEADER || header > total ? Check.BAD_HEADER_LENGTH : Check.OK;
  }

  private static Check checkV6(byte[] bytes, int offset, int length) {
    if (length < V6_HEADER) {
      return Check.TRUNCATED;
    }
    return totalLength(bytes, offset) > length ? Check.BAD_TOTAL_LENGTH : Check.OK;
  }

  public static boolean isV6(byte[] bytes, int offset) {
    return version(bytes, offset) == 6;
  }

  private static int version(byte[] bytes, int offset) {
    return (bytes[offset] & 0xf0) >>> 4;
  }

  /** The packet's own length: what lies behind it is padding. */
  public static int totalLength(byte[] bytes, int offset) {
    return isV6(bytes, offset)
        ? V6_HEADER + unsignedShort(bytes, offset + V6_PAYLOAD_LENGTH)
        : unsignedShort(bytes, offset + V4_TOTAL_LENGTH);
  }

  /** Length of the IPv4 header with its options, or of the fixed IPv6 header. */
  static int headerLength(byte[] bytes, int offset) {
    return isV6(bytes, offset) ? V6_HEADER : (bytes[offset] & 0xf) * 4;
  }

  /** The owner of the packet's source address. */
  public static <V> @Nullable V sourceOwner(AllowedIps<V> table, byte[] bytes, int offset) {
    return isV6(bytes, offset)
        ? ownerV6(table, bytes, offset + V6_SOURCE)
        : table.lookup((int) INT.get(bytes, offset + V4_SOURCE));
  }

  /** The owner of the packet's destination address. */
  public static <V> @Nullable V destinationOwner(AllowedIps<V> table, byte[] bytes, int offset) {
    return isV6(bytes, offset)
        ? ownerV6(table, bytes, offset + V6_DESTINATION)
        : table.lookup((int) INT.get(bytes, offset + V4_DESTINATION));
  }

  private static <V> @Nullable V ownerV6(AllowedIps<V> table, byte[] bytes, int at) {
    return table.lookup((long) LONG.get(bytes, at), (long) LONG.get(bytes, at + 8));
  }

  /** The source address as a value; allocates, so for messages to people. */
  public static IpAddress source(byte[] bytes, int offset) {
    return isV6(bytes, offset)
        ? IpAddress.read(bytes, offset + V6_SOURCE, 16)
        : IpAddress.read(bytes, offset + V4_SOURCE, 4);
  }

  /** The destination address as a value; allocates, so for messages to people. */
  public static IpAddress destination(byte[] bytes, int offset) {
    return isV6(bytes, offset)
        ? IpAddress.read(bytes, offset + V6_DESTINATION, 16)
        : IpAddress.read(bytes, offset + V4_DESTINATION, 4);
  }

  /** The TOS or traffic class byte: DSCP and ECN (RFC 2474 section 3, RFC 3168 section 5). */
  public static int tos(byte[] bytes, int offset) {
    // The IPv6 traffic class lies astride the first two bytes.
    return isV6(bytes, offset) ? (unsignedShort(bytes, offset) >>> 4) & 0xff : bytes[offset + 1] & 0xff;
  }

  /** Writes the TOS or traffic class byte and mends the IPv4 header checksum. */
  public static void tos(byte[] bytes, int offset, int tos) {
    int before = unsignedShort(bytes, offset);
    if (isV6(bytes, offset)) {
      putShort(bytes, offset, (before & 0xf00f) | (tos & 0xff) << 4);
      return;
    }
    int after = (before & 0xff00) | (tos & 0xff);
    int checksum = unsignedShort(bytes, offset + V4_CHECKSUM);
    putShort(bytes, offset, after);
    putShort(bytes, offset + V4_CHECKSUM, Checksum.updated(checksum, before, after));
  }

  static int unsignedShort(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xffff;
  }

  static void putShort(byte[] bytes, int at, int value) {
    SHORT.set(bytes, at, (short) value);
  }
}
