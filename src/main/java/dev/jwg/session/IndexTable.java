package dev.jwg.session;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Finds the owner of a receiver index. Indices are uniformly random (whitepaper section 5.4.2) and unique on the device.
 *
 * <p>A hash table of immutable chains: {@link #find} takes no lock and allocates nothing while others add and remove.
 */
public final class IndexTable<V> {
  private static final int INITIAL_BUCKETS = 64;

  private record Entry<V>(int index, V owner, @Nullable Entry<V> rest) {}

  private final SecureRandom random;
  private volatile AtomicReferenceArray<@Nullable Entry<V>> buckets = new AtomicReferenceArray<>(INITIAL_BUCKETS);
  private int size;

  public IndexTable(SecureRandom random) {
    this.random = random;
  }

  /** The owner of {@code index}, or null. From any thread. */
  public @Nullable V find(int index) {
    Entry<V> entry = find(buckets, index);
    return entry == null ? null : entry.owner;
  }

  private static <V> @Nullable Entry<V> find(AtomicReferenceArray<@Nullable Entry<V>> buckets, int index) {
    // The indices are random already, so their low bits serve as the hash.
    Entry<V> entry = buckets.get(index & (buckets.length() - 1));
    while (entry != null && entry.index != index) {
      entry = entry.rest;
    }
    return entry;
  }

  /** Gives {@code owner} a fresh index. */
  public synchronized int allocate(V owner) {
    if (size >= buckets.length()) {
      grow();
    }
    int index;
    do {
      index = random.nextInt();
    } while (find(index) != null);
    add(buckets, index, owner);
    size++;
    return index;
  }

  /** Frees {@code index}; nothing happens if it is not in use. */
  public synchronized void free(int index) {
    if (find(index) == null) {
      return;
    }
    int bucket = index & (buckets.length() - 1);
    Entry<V> kept = null;
    for (Entry<V> entry = buckets.get(bucket); entry != null; entry = entry.rest) {
      if (entry.index != index) {
        kept = new Entry<>(entry.index, entry.owner, kept);
      }
    }
    buckets.set(bucket, kept);
    size--;
  }

  /** Indices in use. */
  public synchronized int size() {
    return size;
  }

  private void grow() {
    AtomicReferenceArray<@Nullable Entry<V>> old = buckets;
    AtomicReferenceArray<@Nullable Entry<V>> grown = new AtomicReferenceArray<>(old.length() * 2);
    for (int i = 0; i < old.length(); i++) {
      for (Entry<V> entry = old.get(i); entry != null; entry = entry.rest) {
        add(grown, entry.index, entry.owner);
      }
    }
    buckets = grown;
  }

  private static <V> void add(AtomicReferenceArray<@Nullable Entry<V>> buckets, int index, V owner) {
    int bucket = index & (buckets.length() - 1);
    buckets.set(bucket, new Entry<>(index, owner, buckets.get(bucket)));
  }
}
