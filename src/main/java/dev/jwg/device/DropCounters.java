package dev.jwg.device;

import java.util.concurrent.atomic.AtomicLongArray;

/** How often each {@link Drop} happened; from any thread. */
public final class DropCounters {
  private final AtomicLongArray counts = new AtomicLongArray(Drop.values().length);

  void count(Drop reason) {
    counts.getAndIncrement(reason.ordinal());
  }

  void count(Drop reason, int packets) {
    counts.getAndAdd(reason.ordinal(), packets);
  }

  public long of(Drop reason) {
    return counts.get(reason.ordinal());
  }
}
