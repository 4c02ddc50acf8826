package dev.jwg.host;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How to undo what was done, last first. Whoever changes the host pushes a step right after each change; closing runs
 * them, be it because a later change failed or because the tunnel ends. Used by one thread at a time.
 */
public final class Undo implements AutoCloseable {

  /** One way back. */
  public interface Step {
    void run() throws IOException;
  }

  private record NamedStep(String name, Step step) {}

  private static final Logger log = LoggerFactory.getLogger(Undo.class);

  private final Deque<NamedStep> steps = new ArrayDeque<>();

  /**
   * Remembers a step.
   *
   * @param name what it does, for the log: {@code remove 10.0.0.1/24 from wg0}
   */
  public void push(String name, Step step) {
    steps.push(new NamedStep(name, step));
  }

  /** Runs every step, also those behind one that fails; a failure is logged. A second call does nothing. */
  @Override
  public void close() {
    while (!steps.isEmpty()) {
      NamedStep last = steps.pop();
      try {
        last.step.run();
      } catch (IOException | RuntimeException e) {
        log.warn("could not {}: {}", last.name, e instanceof IOException ? e.getMessage() : e.toString());
      }
    }
  }
}
