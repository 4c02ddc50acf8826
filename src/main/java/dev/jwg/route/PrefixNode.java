package dev.jwg.route;

import org.jspecify.annotations.Nullable;

/**
 * A part of an immutable trie over keys of up to 128 bits, left-aligned in two longs: a single prefix, or a branch that
 * parts by {@link #STRIDE} bits at once, so that among a million prefixes a lookup passes four or five nodes.
 *
 * <p>Changes return a new root and share all nodes off the changed path.
 *
 * @param <V> what a prefix leads to
 */
abstract sealed class PrefixNode<V> permits PrefixLeaf, PrefixBranch {
  /** As many that a branch's children and its own prefixes each fit the bits of a long. */
  static final int STRIDE = 6;

  private static final int KEY_BITS = 128;

  private final long high;
  private final long low;
  private final int length;

  /** A node all of whose prefixes begin with the first {@code length} bits of a key; its other bits mean nothing. */
  PrefixNode(long high, long low, int length) {
    this.high = high;
    this.low = low;
    this.length = length;
  }

  final long high() {
    return high;
  }

  final long low() {
    return low;
  }

  /** How many leading bits all of the node's prefixes have in common, or more. */
  final int length() {
    return length;
  }

  /** The node with one more prefix, or with another value for one that it holds. */
  abstract PrefixNode<V> with(PrefixLeaf<V> leaf);

  /** The node without a prefix that it holds; null if nothing is left. */
  abstract @Nullable PrefixNode<V> without(long keyHigh, long keyLow, int keyLength);

  /** The value of the longest prefix that covers the key, without allocation. */
  static <V> @Nullable V longestMatch(@Nullable PrefixNode<V> root, long high, long low) {
    PrefixLeaf<V> longest = null;
    PrefixNode<V> node = root;
    while (node instanceof PrefixBranch<V> branch && branch.covers(high, low)) {
      int chunk = chunk(high, low, branch.length());
      PrefixLeaf<V> longer = branch.longestPrefix(chunk);
      longest = longer == null ? longest : longer;
      node = branch.child(chunk);
    }
    if (node instanceof PrefixLeaf<V> leaf && leaf.covers(high, low)) {
      return leaf.value();
    }
    return longest == null ? null : longest.value();
  }

  /** The value of exactly this prefix. */
  static <V> @Nullable V exactMatch(@Nullable PrefixNode<V> root, long high, long low, int length) {
    PrefixNode<V> node = root;
    while (node instanceof PrefixBranch<V> branch && branch.length() <= length && branch.covers(high, low)) {
      node = branch.slot(high, low, length);
    }
    return node instanceof PrefixLeaf<V> leaf && leaf.length() == length && leaf.covers(high, low)
        ? leaf.value()
        : null;
  }

  final boolean covers(long keyHigh, long keyLow) {
    return commonBits(keyHigh, keyLow) >= length;
  }

  /** How many leading bits the node and a prefix have in common. */
  final int commonBits(PrefixLeaf<V> leaf) {
    return Math.min(commonBits(leaf.high(), leaf.low()), Math.min(length, leaf.length()));
  }

  private int commonBits(long keyHigh, long keyLow) {
    int common = Long.numberOfLeadingZeros(high ^ keyHigh);
    return common < Long.SIZE ? common : Long.SIZE + Long.numberOfLeadingZeros(low ^ keyLow);
  }

  /** The {@link #STRIDE} bits behind the first {@code skipped}; zeros follow the key. */
  static int chunk(long high, long low, int skipped) {
    int behind = KEY_BITS - STRIDE - skipped;
    long bits;
    if (behind >= Long.SIZE) {
      bits = high >>> (behind - Long.SIZE);
    } else if (behind > Long.SIZE - STRIDE) {
      bits = high << (Long.SIZE - behind) | low >>> behind;
    } else {
      bits = behind >= 0 ? low >>> behind : low << -behind;
    }
    return (int) bits & ((1 << STRIDE) - 1);
  }
}
