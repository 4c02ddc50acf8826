package dev.jwg.net;

/** IPv6 text as RFC 5952 and inet_ntop(3) print it: lower case, the longest run of zero groups as {@code ::}. */
final class Ipv6Text {
  private static final int GROUPS = 8;

  private Ipv6Text() {}

  static String format(long high, long low) {
    if (high == 0 && (low >>> 32) == 0xffffL) {
      return "::ffff:" + IpAddress.v4((int) low);
    }
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      long half = i < 4 ? high : low;
      groups[i] = (int) (half >>> (48 - 16 * (i % 4))) & 0xffff;
    }
    int runStart = -1;
    int runLength = 1; // a single zero group is not shortened (RFC 5952 section 4.2.2)
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > runLength) {
        runStart = i;
        runLength = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < GROUPS; ) {
      if (i == runStart) {
        text.append("::");
        i += runLength;
      } else {
        if (i > 0 && i != runStart + runLength) {
          text.append(':');
        } else if (i > 0 && runStart < 0) {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
        i++;
      }
    }
    return text.toString();
  }
}
