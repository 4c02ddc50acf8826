package dev.jwg.session;

import dev.jwg.session.Session.Opened;
import java.util.Arrays;

/** Room for what {@link Session#open} says of each slot of a batch; used again and again by one thread. */
public final class Verdicts {
  long[] counters = new long[0];
  boolean[] genuine = new boolean[0];
  Opened[] opened = new Opened[0];

  /** Makes room for a batch of {@code slots}; grows only. */
  void begin(int slots) {
    if (opened.length < slots) {
      counters = new long[slots];
      genuine = new boolean[slots];
      opened = new Opened[slots];
    }
  }

  void fill(int from, int to, Opened verdict) {
    Arrays.fill(opened, from, to, verdict);
  }

  /** What became of the message in a slot of the run that was opened last. */
  public Opened of(int slot) {
    return opened[slot];
  }
}
