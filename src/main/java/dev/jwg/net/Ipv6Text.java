package dev.jwg.net;

import java.util.Arrays;
import java.util.HexFormat;

/** IPv6 text as inet_ntop(3) prints it (RFC 5952 and, for embedded IPv4, section 5) and inet_pton(3) reads it. */
final class Ipv6Text {
  private static final int GROUPS = 8;

  private Ipv6Text() {}

  static String format(long high, long low) {
    int[] groups = new int[GROUPS];
    int start = 0;
    int length = 0;
    int zeros = 0;
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4))) & 0xffff;
      zeros = groups[i] == 0 ? zeros + 1 : 0;
      if (zeros > length) {
        start = i + 1 - zeros;
        length = zeros;
      }
    }
    if (start == 0 && (length == 6 || (length == 5 && groups[5] == 0xffff))) {
      return (length == 6 ? "::" : "::ffff:") + IpAddress.v4((int) low);
    }
    // A single zero group is not shortened (RFC 5952 section 4.2.2).
    return length < 2 ? join(groups, 0, GROUPS) : join(groups, 0, start) + "::" + join(groups, start + length, GROUPS);
  }

  private static String join(int[] groups, int from, int to) {
    StringBuilder text = new StringBuilder(39);
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  /**
   * Reads an address without zone.
   *
   * @throws IllegalArgumentException if it is none
   */
  static IpAddress parse(String text) {
    String hex = withoutEmbeddedV4(text);
    int gap = hex.indexOf("::");
    int[] head = gap < 0 ? groups(hex) : groups(hex.substring(0, gap));
    int[] tail = gap < 0 ? new int[0] : groups(hex.substring(gap + 2));
    int given = head.length + tail.length;
    if (gap < 0 ? given != GROUPS : given >= GROUPS) {
      throw new IllegalArgumentException("an IPv6 address has " + GROUPS + " groups");
    }
    int[] all = Arrays.copyOf(head, GROUPS);
    System.arraycopy(tail, 0, all, GROUPS - tail.length, tail.length);
    return IpAddress.v6(half(all, 0), half(all, GROUPS / 2));
  }

  /** An IPv4 address may stand for the last two groups (RFC 4291 section 2.2). */
  private static String withoutEmbeddedV4(String text) {
    int colon = text.lastIndexOf(':');
    if (text.indexOf('.', colon + 1) < 0) {
      return text;
    }
    int bits = Ipv4Text.parse(text.substring(colon + 1));
    return text.substring(0, colon + 1) + Integer.toHexString(bits >>> 16) + ":" + Integer.toHexString(bits & 0xffff);
  }

  private static int[] groups(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    String[] parts = text.split(":", -1);
    int[] groups = new int[Math.min(parts.length, GROUPS + 1)];
    for (int i = 0; i < groups.length; i++) {
      if (parts[i].isEmpty() || parts[i].length() > 4) {
        throw new IllegalArgumentException("a group has 1 to 4 hex digits");
      }
      groups[i] = HexFormat.fromHexDigits(parts[i]);
    }
    return groups;
  }

  private static long half(int[] groups, int from) {
    long half = 0;
    for (int i = from; i < from + GROUPS / 2; i++) {
      half = half << 16 | groups[i];
    }
    return half;
  }
}
