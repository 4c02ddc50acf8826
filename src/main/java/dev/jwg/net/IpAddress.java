package dev.jwg.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv4 or IPv6 address as two longs, so that the data path compares addresses without allocation.
 *
 * @param isV6 the family
 * @param high the upper 64 bits of an IPv6 address; zero for IPv4
 * @param low the lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address
 */
public record IpAddress(boolean isV6, long high, long low) {

  /** {@code 0.0.0.0}: in an endpoint's source, "let the kernel choose". */
  public static final IpAddress ANY_V4 = v4(0);

  public static IpAddress v4(int bits) {
    return new IpAddress(false, 0, Integer.toUnsignedLong(bits));
  }

  public static IpAddress v6(long high, long low) {
    return new IpAddress(true, high, low);
  }

  /**
   * Reads a dotted quad or an IPv6 address without zone, as inet_pton(3) does; never asks DNS.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? Ipv6Text.parse(text) : v4(Ipv4Text.parse(text));
  }

  /** Reads 4 or 16 bytes in network order. */
  public static IpAddress read(byte[] bytes, int offset, int length) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    return switch (length) {
      case 4 -> v4(buffer.getInt());
      case 16 -> v6(buffer.getLong(), buffer.getLong());
      default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + length);
    };
  }

  public static IpAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return read(bytes, 0, bytes.length);
  }

  /** Size in bits: 32 or 128. */
  public int bits() {
    return isV6 ? 128 : 32;
  }

  /** The address in network order: 4 or 16 bytes. */
  public byte[] toBytes() {
    return isV6
        ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
        : ByteBuffer.allocate(4).putInt((int) low).array();
  }

  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(toBytes());
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Dotted quad, or IPv6 as RFC 5952 writes it and inet_ntop(3) prints it. */
  @Override
  public String toString() {
    return isV6 ? Ipv6Text.format(high, low) : toInetAddress().getHostAddress();
  }
}
