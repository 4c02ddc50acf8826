package dev.jwg.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Two or more nodes that differ in the {@link #STRIDE} bits behind those that they have in common, whose number is a
 * multiple of it. Prefixes that end within those bits belong to the branch itself; for each value of all of them there may
 * be a child. As in Eatherton's tree bitmap, one bit for each says whether it is there, and one array without holes
 * holds them.
 */
final class PrefixBranch<V> extends PrefixNode<V> {
  /**
   * For each value of the bits, the own prefixes that cover it, one of each length. Own prefixes are numbered by length,
   * then by their bits: 0 has none of the bits, 1 and 2 have one, 3 to 6 have two.
   */
  private static final long[] COVERING = new long[1 << STRIDE];

  static {
    for (int chunk = 0; chunk < COVERING.length; chunk++) {
      for (int length = 0; length < STRIDE; length++) {
        COVERING[chunk] |= 1L << ownPrefix(chunk, length);
      }
    }
  }

  /** What is added to a child's number to tell it from an own prefix's. */
  private static final int CHILD = Long.SIZE;

  private final long prefixes;
  private final long children;

  /** Own prefixes, then children, each in the order of their numbers. */
  private final PrefixNode<V>[] nodes;

  private PrefixBranch(
      long high, long low, int length, long prefixes, long children, PrefixNode<V>[] nodes) {
    super(high, low, length);
    this.prefixes = prefixes;
    this.children = children;
    this.nodes = nodes;
  }

  /** What parts a node and a prefix outside of it, which have {@code common} leading bits in common. */
  static <V> PrefixBranch<V> parting(PrefixNode<V> node, PrefixLeaf<V> leaf, int common) {
    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type is not made in another way
    PrefixNode<V>[] none = new PrefixNode[0];
    int length = common / STRIDE * STRIDE;
    return new PrefixBranch<>(leaf.high(), leaf.low(), length, 0, 0, none).placing(node).placing(leaf);
  }

  /** The longest own prefix that covers a value of the bits. */
  @Nullable PrefixLeaf<V> longestPrefix(int chunk) {
    long covering = prefixes & COVERING[chunk];
    if (covering == 0) {
      return null;
    }
    long longest = Long.highestOneBit(covering);
    return (PrefixLeaf<V>) nodes[Long.bitCount(prefixes & (longest - 1))];
  }

  @Nullable PrefixNode<V> child(int chunk) {
    return has(CHILD + chunk) ? nodes[index(CHILD + chunk)] : null;
  }

  /** What stands where the prefix belongs: itself, if anything, or the child that holds it, if any does. */
  @Nullable PrefixNode<V> slot(long keyHigh, long keyLow, int keyLength) {
    int number = number(keyHigh, keyLow, keyLength);
    return has(number) ? nodes[index(number)] : null;
  }

  @Override
  PrefixNode<V> with(PrefixLeaf<V> leaf) {
    int common = commonBits(leaf);
    if (common < length()) {
      return parting(this, leaf, common);
    }
    int number = number(leaf);
    boolean isInChild = number >= CHILD && has(number);
    return placing(isInChild ? nodes[index(number)].with(leaf) : leaf);
  }

  @Override
  PrefixNode<V> without(long keyHigh, long keyLow, int keyLength) {
    int number = number(keyHigh, keyLow, keyLength);
    PrefixNode<V> left = nodes[index(number)].without(keyHigh, keyLow, keyLength);
    if (left != null) {
      return placing(left);
    }
    return nodes.length > 2 ? removing(number) : nodes[1 - index(number)];
  }

  /** With a node where it belongs, instead of what stands there. */
  private PrefixBranch<V> placing(PrefixNode<V> node) {
    int number = number(node);
    int index = index(number);
    int replaced = has(number) ? 1 : 0;
    PrefixNode<V>[] placed = Arrays.copyOf(nodes, nodes.length + 1 - replaced);
    placed[index] = node;
    System.arraycopy(nodes, index + replaced, placed, index + 1, nodes.length - index - replaced);
    return number < CHILD
        ? new PrefixBranch<>(high(), low(), length(), prefixes | 1L << number, children, placed)
        : new PrefixBranch<>(high(), low(), length(), prefixes, children | 1L << number, placed);
  }

  private PrefixBranch<V> removing(int number) {
    int index = index(number);
    PrefixNode<V>[] left = Arrays.copyOf(nodes, nodes.length - 1);
    System.arraycopy(nodes, index + 1, left, index, left.length - index);
    return number < CHILD
        ? new PrefixBranch<>(high(), low(), length(), prefixes & ~(1L << number), children, left)
        : new PrefixBranch<>(high(), low(), length(), prefixes, children & ~(1L << number), left);
  }

  private int number(PrefixNode<V> node) {
    return number(node.high(), node.low(), node.length());
  }

  private int number(long keyHigh, long keyLow, int keyLength) {
    int chunk = chunk(keyHigh, keyLow, length());
    int own = keyLength - length();
    return own < STRIDE ? ownPrefix(chunk, own) : CHILD + chunk;
  }

  private static int ownPrefix(int chunk, int length) {
    return (1 << length) - 1 + (chunk >>> (STRIDE - length));
  }

  // Java shifts by the distance modulo 64, which is what a child's number needs.

  private boolean has(int number) {
    return ((number < CHILD ? prefixes : children) >>> number & 1) != 0;
  }

  private int index(int number) {
    long before = (1L << number) - 1;
    return number < CHILD
        ? Long.bitCount(prefixes & before)
        : Long.bitCount(prefixes) + Long.bitCount(children & before);
  }
}
