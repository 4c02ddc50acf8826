package dev.jwg.testing;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** A thread that takes its turn when told to: tasks run in order, on the test's own thread. */
public final class TaskQueue implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.addLast(task);
  }

  /** Runs the oldest task; false if there is none. */
  public boolean runOne() {
    Runnable task = tasks.pollFirst();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }
}
