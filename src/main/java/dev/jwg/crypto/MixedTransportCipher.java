package dev.jwg.crypto;

/**
 * One key in up to three implementations, of which each seals and opens the packets that it is fastest at. They share
 * no state but the key, so it does not matter which of them a packet or a forgery of it meets.
 */
final class MixedTransportCipher implements TransportCipher {
  /** Ours has a packet of this length done when the JDK's has hardly begun: it spends most of a microsecond on that. */
  static final int LONGEST_SMALL = 384;

  /** From here on ours fills its lanes. */
  static final int FEWEST_MANY = 8;

  private final TransportCipher small;
  private final TransportCipher few;
  private final TransportCipher many;

  /**
   * A cipher of several under the same key.
   *
   * @param small for packets up to {@link #LONGEST_SMALL}
   * @param few for fewer larger packets in a row than {@link #FEWEST_MANY}
   * @param many for the others
   */
  MixedTransportCipher(TransportCipher small, TransportCipher few, TransportCipher many) {
    this.small = small;
    this.few = few;
    this.many = many;
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    int next = from;
    while (next < to) {
      int end = alikeUntil(lengths, next, to, LONGEST_SMALL);
      cipher(lengths[next] <= LONGEST_SMALL, end - next)
          .seal(bytes, offsets, lengths, next, end, firstCounter + (next - from));
      next = end;
    }
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    int next = from;
    while (next < to) {
      int end = alikeUntil(lengths, next, to, LONGEST_SMALL + TAG_LENGTH);
      cipher(lengths[next] <= LONGEST_SMALL + TAG_LENGTH, end - next)
          .open(bytes, offsets, lengths, counters, next, end, genuine);
      next = end;
    }
  }

  private TransportCipher cipher(boolean isSmall, int packets) {
    if (isSmall) {
      return small;
    }
    return packets < FEWEST_MANY ? few : many;
  }

  /** Index behind the packets that are on the same side of the bound as the first. */
  private static int alikeUntil(int[] lengths, int from, int to, int longestSmall) {
    boolean isSmall = lengths[from] <= longestSmall;
    int end = from + 1;
    while (end < to && lengths[end] <= longestSmall == isSmall) {
      end++;
    }
    return end;
  }

  @Override
  public void erase() {
    small.erase();
    few.erase();
    many.erase();
  }

  @Override
  public void wipe() {
    small.wipe();
    few.wipe();
    many.wipe();
  }
}
