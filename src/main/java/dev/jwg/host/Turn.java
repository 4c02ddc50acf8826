package dev.jwg.host;

import dev.jwg.linux.NamespaceName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock over the default routes of one network namespace: one jwg at a time chooses a table, adds or removes policy
 * rules, and decides whether {@code src_valid_mark} is still needed.
 */
final class Turn implements AutoCloseable {
  private static final String NAME = "jwg-default-routes";
  private static final long POLL_MS = 5;

  /** The holder needs milliseconds. After this time it is stopped, or not a jwg, and must not block others for ever. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

  private static final Logger log = LoggerFactory.getLogger(Turn.class);

  private final NamespaceName name;

  private Turn(NamespaceName name) {
    this.name = name;
  }

  /** Prepares a turn in the network namespace of the calling thread; {@link #await} may be called by another. */
  static Turn prepare() throws IOException {
    return new Turn(new NamespaceName(NAME));
  }

  /** Waits for the lock; goes on without it, with a warning, when that takes too long. */
  Turn await() throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NS;
    while (!name.take()) {
      if (deadline - System.nanoTime() < 0) {
        log.warn("another process has held the socket @{} for too long: going on without it", NAME);
        return this;
      }
      pause();
    }
    return this;
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    name.close();
  }
}
