package dev.jwg.session;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Accepts each counter once, and none that lies more than {@link #SIZE} behind the greatest accepted: the bitmap ring of
 * RFC 6479, with the kernel's size.
 *
 * <p>A peer's messages mostly come to one shard, so that {@link #enter} finds nobody inside and is one
 * compare-and-set. Where two do meet, what is done inside takes less time than to be put to sleep and woken.
 */
final class ReplayWindow {
  private static final int BITS = 8192;
  private static final int WORD_SHIFT = 6;
  private static final int WORD_BITS = 1 << WORD_SHIFT;
  private static final int WORDS = BITS / WORD_BITS;

  /** One word of the ring is always being overwritten, so the window is a word smaller (RFC 6479 section 2). */
  static final int SIZE = BITS - WORD_BITS;

  private final long[] ring = new long[WORDS];
  private final AtomicBoolean entered = new AtomicBoolean();
  private long greatest;

  /** Waits until no other thread is between this and {@link #leave}. */
  @SuppressWarnings("ThreadPriorityCheck") // it is the scheduler that has to help
  void enter() {
    while (!entered.compareAndSet(false, true)) {
      Thread.yield(); // to who is inside, should that thread have lost its core
    }
  }

  void leave() {
    entered.setRelease(false);
  }

  /**
   * Marks {@code counter} as seen. Call only once the message's tag has verified, and inside.
   *
   * @param counter below {@code REJECT_AFTER_MESSAGES}, so that unsigned order holds without wrap-around
   * @return false if it was seen before or is too old
   */
  boolean accept(long counter) {
    if (Long.compareUnsigned(counter, greatest) > 0) {
      advance(counter);
    } else if (Long.compareUnsigned(greatest - counter, SIZE) >= 0) {
      return false;
    }
    int word = (int) (counter >>> WORD_SHIFT) & (WORDS - 1);
    long bit = 1L << (counter & (WORD_BITS - 1));
    if ((ring[word] & bit) != 0) {
      return false;
    }
    ring[word] |= bit;
    return true;
  }

  private void advance(long counter) {
    long word = greatest >>> WORD_SHIFT;
    long newWords = Math.min(WORDS, (counter >>> WORD_SHIFT) - word);
    for (long i = 1; i <= newWords; i++) {
      ring[(int) (word + i) & (WORDS - 1)] = 0;
    }
    greatest = counter;
  }
}
