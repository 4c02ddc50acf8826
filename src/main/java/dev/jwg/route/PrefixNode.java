package dev.jwg.route;

import org.jspecify.annotations.Nullable;

/**
 * A node of an immutable, path-compressed binary trie over keys of up to 128 bits, left-aligned in two longs.
 *
 * <p>A node without a value is there to part two subtrees and so has both children. Changes return a new root and share
 * all nodes off the changed path; recursion is at most 129 deep.
 *
 * @param <V> what a prefix leads to
 */
final class PrefixNode<V> {
  private final long high;
  private final long low;
  private final int length;
  private final @Nullable V value;
  private final @Nullable PrefixNode<V> zero;
  private final @Nullable PrefixNode<V> one;

  private PrefixNode(
      long high,
      long low,
      int length,
      @Nullable V value,
      @Nullable PrefixNode<V> zero,
      @Nullable PrefixNode<V> one) {
    this.high = high;
    this.low = low;
    this.length = length;
    this.value = value;
    this.zero = zero;
    this.one = one;
  }

  /** The value of the longest prefix that covers the key, without allocation. */
  static <V> @Nullable V longestMatch(@Nullable PrefixNode<V> root, long high, long low) {
    V longest = null;
    for (PrefixNode<V> node = root; node != null && node.covers(high, low); node = node.towards(high, low)) {
      if (node.value != null) {
        longest = node.value;
      }
    }
    return longest;
  }

  /** The value of exactly this prefix. */
  static <V> @Nullable V exactMatch(@Nullable PrefixNode<V> root, long high, long low, int length) {
    PrefixNode<V> node = root;
    while (node != null && node.length < length && node.covers(high, low)) {
      node = node.towards(high, low);
    }
    return node != null && node.length == length && node.covers(high, low) ? node.value : null;
  }

  /** The trie in which the prefix leads to {@code value}. */
  static <V> PrefixNode<V> with(@Nullable PrefixNode<V> node, long high, long low, int length, V value) {
    if (node == null) {
      return new PrefixNode<>(high, low, length, value, null, null);
    }
    int common = Math.min(commonBits(node.high, node.low, high, low), Math.min(node.length, length));
    if (common == node.length) {
      return common == length
          ? new PrefixNode<>(high, low, length, value, node.zero, node.one)
          : node.withChild(high, low, with(node.towards(high, low), high, low, length, value));
    }
    PrefixNode<V> parent = new PrefixNode<>(high, low, common, common == length ? value : null, null, null);
    parent = parent.withChild(node.high, node.low, node);
    return common == length
        ? parent
        : parent.withChild(high, low, new PrefixNode<>(high, low, length, value, null, null));
  }

  /** The trie without a prefix that it holds. */
  static <V> @Nullable PrefixNode<V> without(@Nullable PrefixNode<V> node, long high, long low, int length) {
    if (node == null) {
      return null;
    }
    PrefixNode<V> left = node.length == length
        ? new PrefixNode<>(node.high, node.low, length, null, node.zero, node.one)
        : node.withChild(high, low, without(node.towards(high, low), high, low, length));
    return left.spliced();
  }

  /** This node, or what stands in for one that no longer leads or parts. */
  private @Nullable PrefixNode<V> spliced() {
    if (value != null || (zero != null && one != null)) {
      return this;
    }
    return zero != null ? zero : one;
  }

  private PrefixNode<V> withChild(long keyHigh, long keyLow, @Nullable PrefixNode<V> child) {
    return bit(keyHigh, keyLow, length)
        ? new PrefixNode<>(high, low, length, value, zero, child)
        : new PrefixNode<>(high, low, length, value, child, one);
  }

  private @Nullable PrefixNode<V> towards(long keyHigh, long keyLow) {
    return bit(keyHigh, keyLow, length) ? one : zero;
  }

  private boolean covers(long keyHigh, long keyLow) {
    return commonBits(high, low, keyHigh, keyLow) >= length;
  }

  private static int commonBits(long high, long low, long otherHigh, long otherLow) {
    int common = Long.numberOfLeadingZeros(high ^ otherHigh);
    return common < 64 ? common : 64 + Long.numberOfLeadingZeros(low ^ otherLow);
  }

  /** The bit at {@code index} from the left; a full-length node has no children, so any answer does for 128. */
  private static boolean bit(long high, long low, int index) {
    // Java shifts by the distance modulo 64, which is what the lower half needs.
    return (index < 64 ? high : low) << index < 0;
  }
}
