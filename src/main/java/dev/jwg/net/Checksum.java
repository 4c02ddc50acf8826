package dev.jwg.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071), many bytes at a time.
 *
 * <p>Sums are of 16-bit words in network order, with or without the carries folded in; they may be added to each other
 * as ints, as long as each was taken from an even position of what is summed.
 */
public final class Checksum {
  // RFC 1071 section 2(B): the sum may be taken in either byte order and swapped in the end.
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long LOW_HALF = 0xffff_ffffL;

  private Checksum() {}

  /** The sum of bytes, an odd one at the end counting as if a zero followed; 0 to 0xffff. */
  public static int sum(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int at = offset;
    long even = 0;
    long odd = 0;
    // The halves of eight bytes gather their carries above bit 32.
    for (; at <= end - 16; at += 16) {
      long first = (long) LONG.get(bytes, at);
      long second = (long) LONG.get(bytes, at + 8);
      even += (first & LOW_HALF) + (first >>> 32);
      odd += (second & LOW_HALF) + (second >>> 32);
    }
    return swap(fold(even + odd + tail(bytes, at, end)));
  }

  /** Less than 16 bytes. */
  private static long tail(byte[] bytes, int from, int end) {
    long sum = 0;
    int at = from;
    for (; at <= end - 4; at += 4) {
      sum += (int) INT.get(bytes, at) & LOW_HALF;
    }
    if (at <= end - 2) {
      sum += (short) SHORT.get(bytes, at) & 0xffff;
      at += 2;
    }
    return at < end ? sum + (bytes[at] & 0xff) : sum;
  }

  private static int swap(int folded) {
    return Short.reverseBytes((short) folded) & 0xffff;
  }

  /** Adds the carries back in: 0 to 0xffff, and 0 only for 0. */
  public static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) folded;
  }

  /** The checksum for the sum of all that it covers. */
  public static int finish(int sum) {
    return ~fold(sum) & 0xffff;
  }

  /** The checksum after one 16-bit word under it changed (RFC 1624, equation 3). */
  public static int updated(int checksum, int before, int after) {
    return finish((~checksum & 0xffff) + (~before & 0xffff) + after);
  }
}
