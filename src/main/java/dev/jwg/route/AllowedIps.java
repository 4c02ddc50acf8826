package dev.jwg.route;

import dev.jwg.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which peer owns an inner address: the longest prefix that covers it (whitepaper section 2, "cryptokey routing").
 *
 * <p>One thread changes the table, any thread looks up. Each change publishes an immutable trie through one volatile
 * write, so a lookup takes no lock, allocates nothing and sees the table before or after a change, never within one.
 *
 * @param <V> the owner
 */
public final class AllowedIps<V> {
  private volatile @Nullable PrefixNode<V> v4;
  private volatile @Nullable PrefixNode<V> v6;

  /** An empty table. */
  public AllowedIps() {}

  /** The owner of an IPv4 address. */
  public @Nullable V lookup(int address) {
    return PrefixNode.longestMatch(v4, leftAligned(address), 0);
  }

  /** The owner of an IPv6 address, given by its upper and lower half. */
  public @Nullable V lookup(long high, long low) {
    return PrefixNode.longestMatch(v6, high, low);
  }

  public @Nullable V lookup(IpAddress address) {
    return address.isV6() ? lookup(address.high(), address.low()) : lookup((int) address.low());
  }

  /**
   * Gives a prefix to an owner, taking it from any other.
   *
   * @return the owner until now
   */
  public @Nullable V put(IpPrefix prefix, V owner) {
    V previous = owner(prefix);
    if (owner.equals(previous)) {
      return previous;
    }
    PrefixLeaf<V> leaf = new PrefixLeaf<>(keyHigh(prefix), keyLow(prefix), prefix.length(), owner);
    if (prefix.address().isV6()) {
      v6 = v6 == null ? leaf : v6.with(leaf);
    } else {
      v4 = v4 == null ? leaf : v4.with(leaf);
    }
    return previous;
  }

  /**
   * Takes a prefix from an owner; does nothing if it is not that owner's.
   *
   * @return whether it was
   */
  public boolean remove(IpPrefix prefix, V owner) {
    if (!owner.equals(owner(prefix))) {
      return false;
    }
    if (prefix.address().isV6()) {
      v6 = without(v6, prefix);
    } else {
      v4 = without(v4, prefix);
    }
    return true;
  }

  private static <V> @Nullable PrefixNode<V> without(@Nullable PrefixNode<V> root, IpPrefix prefix) {
    return root == null ? null : root.without(keyHigh(prefix), keyLow(prefix), prefix.length());
  }

  private @Nullable V owner(IpPrefix prefix) {
    PrefixNode<V> root = prefix.address().isV6() ? v6 : v4;
    return PrefixNode.exactMatch(root, keyHigh(prefix), keyLow(prefix), prefix.length());
  }

  private static long keyHigh(IpPrefix prefix) {
    IpAddress address = prefix.address();
    return address.isV6() ? address.high() : leftAligned((int) address.low());
  }

  private static long keyLow(IpPrefix prefix) {
    return prefix.address().isV6() ? prefix.address().low() : 0;
  }

  private static long leftAligned(int address) {
    return (long) address << 32;
  }
}
