package dev.jwg.daemon;

import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why the endpoint ends: the first reason counts. From any thread. */
final class Stop {
  private static final Logger log = LoggerFactory.getLogger(Stop.class);

  private record Reason(String text, boolean isBug) {}

  private final CompletableFuture<Reason> reason = new CompletableFuture<>();

  void request(String why) {
    reason.complete(new Reason(why, false));
  }

  /** An exception that nobody expected: told in full, and the end. */
  void onBug(Throwable bug) {
    log.error("This is a bug in jwg, please report it", bug);
    reason.complete(new Reason("a bug in jwg", true));
  }

  /** Has something done when the endpoint is to end; at once if it already is. */
  void whenRequested(Runnable action) {
    CompletableFuture<Void> unused = reason.thenRun(action);
  }

  boolean isRequested() {
    return reason.isDone();
  }

  /** Waits for the first reason and returns it. */
  String await() {
    return reason.join().text();
  }

  /** Whether the reason is a bug; false while there is none. */
  boolean isBug() {
    return reason.isDone() && reason.join().isBug();
  }
}
