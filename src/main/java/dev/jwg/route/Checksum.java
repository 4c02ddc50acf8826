package dev.jwg.route;

/** The Internet checksum (RFC 1071). */
final class Checksum {
  private Checksum() {}

  /** Adds bytes, the first of a pair the more significant, to a sum that {@link #finish} folds. */
  static long add(long sum, byte[] bytes, int offset, int length) {
    int end = offset + (length & ~1);
    for (int at = offset; at < end; at += 2) {
      sum += IpPacket.unsignedShort(bytes, at);
    }
    return end < offset + length ? sum + ((bytes[end] & 0xff) << 8) : sum;
  }

  /** The checksum for a sum of everything it covers. */
  static int finish(long sum) {
    long folded = sum;
    while (folded > 0xffff) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }

  /** The checksum after one 16-bit word under it changed (RFC 1624, equation 3). */
  static int updated(int checksum, int before, int after) {
    return finish((~checksum & 0xffffL) + (~before & 0xffff) + after);
  }
}
