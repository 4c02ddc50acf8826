package dev.jwg.device;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A timer that the data path may set and clear for every packet: that is one store, and the wake-up already under way is
 * left to find out. At most one wake-up is under way at a time; it runs on the control thread, where the action runs.
 *
 * <p>No wake-up is lost: {@link #set} stores the deadline and then reads {@code wakeAt}; {@link #wake} clears
 * {@code wakeAt} and then reads the deadline. Both are volatile, so one of the two sees the other.
 */
final class Deadline {
  private static final long NONE = Long.MIN_VALUE;

  private final Environment environment;
  private final Runnable action;
  private final AtomicLong deadline = new AtomicLong(NONE);
  private volatile long wakeAt = NONE;

  Deadline(Environment environment, Runnable action) {
    this.environment = environment;
    this.action = action;
  }

  /** Runs the action at {@code atNs} instead of any time set before; from any thread. */
  void set(long atNs) {
    deadline.set(atNs);
    if (!wakesBy(atNs)) {
      environment.control().execute(this::scheduleWake);
    }
  }

  /** As {@link #set}, unless a time is set already. */
  void setIfClear(long atNs) {
    if (!isSet()) {
      set(atNs);
    }
  }

  /** From any thread; an action already begun is not stopped. */
  void clear() {
    if (isSet()) {
      deadline.set(NONE);
    }
  }

  boolean isSet() {
    return deadline.get() != NONE;
  }

  private boolean wakesBy(long atNs) {
    long wake = wakeAt;
    return wake != NONE && wake - atNs <= 0;
  }

  private void scheduleWake() {
    long atNs = deadline.get();
    if (atNs != NONE && !wakesBy(atNs)) {
      wakeAt = atNs;
      environment.timer().schedule(atNs, () -> wake(atNs));
    }
  }

  private void wake(long scheduledNs) {
    if (wakeAt != scheduledNs) {
      return; // an earlier wake-up has taken this one's place
    }
    wakeAt = NONE;
    long atNs = deadline.get();
    if (atNs != NONE && atNs - environment.clock().nanoTime() <= 0 && deadline.compareAndSet(atNs, NONE)) {
      action.run();
    } else {
      scheduleWake();
    }
  }
}
