package dev.jwg.route;

import dev.jwg.net.IpAddress;

/**
 * An address block in CIDR notation; host bits are masked away.
 *
 * @param address first address of the block
 * @param length prefix length, 0 to 32 or 0 to 128
 */
public record IpPrefix(IpAddress address, int length) {
  public IpPrefix {
    if (length < 0 || length > address.bits()) {
      throw new IllegalArgumentException("prefix length " + length + " is not within 0 and " + address.bits());
    }
    address = mask(address, length);
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/64} or an address alone, which stands for all its bits.
   *
   * @throws IllegalArgumentException if the text is no prefix
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    return new IpPrefix(address, slash < 0 ? address.bits() : parseLength(text.substring(slash + 1)));
  }

  private static int parseLength(String text) {
    // Nine digits fit an int; wg takes leading zeros.
    if (!text.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException("a prefix length is a number");
    }
    return Integer.parseInt(text);
  }

  private static IpAddress mask(IpAddress address, int length) {
    if (!address.isV6()) {
      return IpAddress.v4(length == 0 ? 0 : (int) address.low() & (-1 << (32 - length)));
    }
    long high = address.high() & leadingOnes(Math.min(length, 64));
    long low = address.low() & leadingOnes(Math.max(length - 64, 0));
    return IpAddress.v6(high, low);
  }

  private static long leadingOnes(int count) {
    return count == 0 ? 0 : -1L << (64 - count);
  }

  /** {@code 10.0.0.0/8}, {@code fd00::/64}. */
  @Override
  public String toString() {
    return address + "/" + length;
  }
}
