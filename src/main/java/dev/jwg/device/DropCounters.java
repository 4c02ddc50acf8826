package dev.jwg.device;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often each {@link Drop} happened; from any thread. */
public final class DropCounters {
  private final Map<Drop, LongAdder> counts = new EnumMap<>(Drop.class);

  DropCounters() {
    for (Drop reason : Drop.values()) {
      counts.put(reason, new LongAdder());
    }
  }

  void count(Drop reason) {
    count(reason, 1);
  }

  void count(Drop reason, int packets) {
    adder(reason).add(packets);
  }

  public long of(Drop reason) {
    return adder(reason).sum();
  }

  private LongAdder adder(Drop reason) {
    return Objects.requireNonNull(counts.get(reason));
  }
}
