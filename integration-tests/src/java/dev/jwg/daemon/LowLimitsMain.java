package dev.jwg.daemon;

import dev.jwg.session.SessionLimits;
import java.util.concurrent.TimeUnit;

/**
 * {@code jwg create NAME} whose sessions age in seconds, so that a test sees them replaced. Only code in this package can
 * ask for such limits, and jwg's jar has none that does.
 */
final class LowLimitsMain {
  private static final SessionLimits LOWERED =
      new SessionLimits(1L << 60, TimeUnit.SECONDS.toNanos(6), TimeUnit.SECONDS.toNanos(30));

  private LowLimitsMain() {}

  public static void main(String[] args) throws Exception {
    new Daemon(args[1], EndpointOptions.DEFAULT, LOWERED).create();
  }
}
