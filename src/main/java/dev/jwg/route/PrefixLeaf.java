package dev.jwg.route;

import org.jspecify.annotations.Nullable;

/** One prefix. */
final class PrefixLeaf<V> extends PrefixNode<V> {
  private final V value;

  PrefixLeaf(long high, long low, int length, V value) {
    super(high, low, length);
    this.value = value;
  }

  V value() {
    return value;
  }

  @Override
  PrefixNode<V> with(PrefixLeaf<V> leaf) {
    int common = commonBits(leaf);
    boolean isSame = common == length() && common == leaf.length();
    return isSame ? leaf : PrefixBranch.parting(this, leaf, common);
  }

  @Override
  @Nullable PrefixNode<V> without(long keyHigh, long keyLow, int keyLength) {
    return null;
  }
}
