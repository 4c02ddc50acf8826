package dev.jwg.time;

/** Runs tasks on the control thread at a time of the {@link Clock}. */
public interface Timer {
  /** Runs {@code task} at or soon after {@code deadlineNs}; a past deadline runs it as soon as possible. */
  void schedule(long deadlineNs, Runnable task);
}
