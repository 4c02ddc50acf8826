package dev.jwg.testing;

import dev.jwg.time.Clock;
import dev.jwg.time.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Time that stands still until it is advanced; then due tasks run in order, each at its own time. It starts half a minute
 * before {@code nanoTime} overflows, so that every time story crosses the overflow.
 */
public final class ManualClock implements Clock, Timer {
  private static final long ORIGIN_NS = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();
  private static final Instant WALL_ORIGIN = Instant.parse("2026-11-24T12:00:00Z");

  private record Task(long dueAfterNs, long sequence, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::dueAfterNs).thenComparingLong(Task::sequence));
  private final Runnable afterEach;
  private Duration wallOffset = Duration.ZERO;
  private long elapsedNs;
  private long sequence;

  /**
   * A clock at its origin.
   *
   * @param afterEach run after each due task, still at the task's time
   */
  public ManualClock(Runnable afterEach) {
    this.afterEach = afterEach;
  }

  @Override
  public long nanoTime() {
    return ORIGIN_NS + elapsedNs;
  }

  @Override
  public Instant wallTime() {
    return WALL_ORIGIN.plusNanos(elapsedNs).plus(wallOffset);
  }

  /** Time since the origin. */
  public Duration elapsed() {
    return Duration.ofNanos(elapsedNs);
  }

  /** Sets the wall clock forward or back; the monotonic time does not notice. */
  public void setWallClockBy(Duration offset) {
    wallOffset = wallOffset.plus(offset);
  }

  @Override
  public void schedule(long deadlineNs, Runnable task) {
    tasks.add(new Task(Math.max(deadlineNs - ORIGIN_NS, elapsedNs), sequence++, task));
  }

  /** Tasks that wait for their time. */
  public int scheduled() {
    return tasks.size();
  }

  /** Lets the machine sleep: what becomes due meanwhile runs with the next {@link #advance}, and not before. */
  public void sleep(Duration time) {
    elapsedNs += time.toNanos();
  }

  /** Lets time pass and runs what becomes due. */
  public void advance(Duration time) {
    long untilNs = elapsedNs + time.toNanos();
    for (Task next = tasks.peek(); next != null && next.dueAfterNs <= untilNs; next = tasks.peek()) {
      tasks.remove();
      elapsedNs = Math.max(elapsedNs, next.dueAfterNs);
      next.action.run();
      afterEach.run();
    }
    elapsedNs = untilNs;
  }
}
