package dev.jwg.log;

/**
 * What is logged, and how; for the whole process, from any time on.
 *
 * @param level the greatest detail logged
 */
public record LogSettings(LogLevel level, LogFormat format) {
  private static volatile LogSettings current = new LogSettings(LogLevel.INFO, LogFormat.TEXT);

  /** Makes these the settings of the process. */
  public void apply() {
    current = this;
  }

  static LogSettings current() {
    return current;
  }
}
