package dev.jwg.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Writes events to standard error as the {@link LogSettings} of the moment say. */
final class LineLogger extends LegacyAbstractLogger {
  /** It tells at length what it tried and did without: only its errors are news. */
  private static final String NETTY = "io.netty.";

  private final boolean errorsOnly;

  LineLogger(String name) {
    this.name = name;
    this.errorsOnly = name.startsWith(NETTY);
  }

  private boolean isEnabled(LogLevel level) {
    LogLevel wanted = LogSettings.current().level();
    return level.compareTo(wanted) <= 0 && (!errorsOnly || level == LogLevel.ERROR);
  }

  @Override
  public boolean isTraceEnabled() {
    return isEnabled(LogLevel.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return isEnabled(LogLevel.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return isEnabled(LogLevel.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return isEnabled(LogLevel.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return isEnabled(LogLevel.ERROR);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null; // no line tells where it was logged
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      @Nullable Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    LogFormat.Event event =
        new LogFormat.Event(
            Instant.now(),
            level.name(),
            name,
            Thread.currentThread().getName(),
            String.valueOf(MessageFormatter.basicArrayFormat(pattern, arguments)),
            thrown);
    // One call, so that lines of several threads do not mix.
    System.err.print(LogSettings.current().format().format(event));
    System.err.flush();
  }
}
