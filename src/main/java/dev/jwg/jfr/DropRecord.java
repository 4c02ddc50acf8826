package dev.jwg.jfr;

import java.util.Map;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Drops as differences of counters that exist anyway, period by period: a flood of bad packets makes no flood of events,
 * and the data path does nothing for them. Only once the recorder is in use is anything asked of it, which would else
 * take long to start.
 */
final class DropRecord implements FlightRecorderListener {
  private final Supplier<Map<String, Long>> totals;
  private final Runnable emit = this::emit;
  private Map<String, Long> before = Map.of();
  private boolean ended;

  private DropRecord(Supplier<Map<String, Long>> totals) {
    this.totals = totals;
  }

  static Runnable begin(Supplier<Map<String, Long>> totals) {
    DropRecord drops = new DropRecord(totals);
    FlightRecorder.addListener(drops);
    return drops::end;
  }

  @Override
  public synchronized void recorderInitialized(FlightRecorder recorder) {
    if (!ended) {
      before = totals.get();
      FlightRecorder.addPeriodicEvent(DropEvent.class, emit);
    }
  }

  private synchronized void emit() {
    Map<String, Long> now = totals.get();
    now.forEach(
        (reason, total) -> {
          long more = total - before.getOrDefault(reason, 0L);
          if (more > 0) {
            DropEvent.record(reason, more);
          }
        });
    before = now;
  }

  private synchronized void end() {
    ended = true;
    FlightRecorder.removeListener(this);
    if (FlightRecorder.isInitialized()) {
      FlightRecorder.removePeriodicEvent(emit);
    }
  }
}
