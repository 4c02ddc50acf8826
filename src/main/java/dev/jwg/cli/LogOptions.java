package dev.jwg.cli;

import dev.jwg.log.LogFormat;
import dev.jwg.log.LogLevel;
import dev.jwg.log.LogSettings;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much a long-running command logs, and how; a mixin. */
final class LogOptions {
  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "${COMPLETION-CANDIDATES}; else JWG_LOG_LEVEL or LOG_LEVEL of the environment, else INFO.")
  private @Nullable LogLevel level;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}: lines for people, or one object a line; else JWG_LOG_FORMAT, else TEXT.")
  private @Nullable LogFormat format;

  /** Sets the backend up: one line per event on stderr, {@code 2026-11-24T10:00:00.123Z INFO wg0: …}. */
  void apply() {
    effective(System.getenv()).apply();
  }

  /** Flag, then our variable, then the one that wireguard-go knows; a value that means nothing is passed over. */
  LogSettings effective(Map<String, String> environment) {
    return new LogSettings(level(environment), format(environment));
  }

  private LogLevel level(Map<String, String> environment) {
    if (level != null) {
      return level;
    }
    LogLevel ours = level(environment.get("JWG_LOG_LEVEL"));
    return ours != null ? ours : Objects.requireNonNullElse(level(environment.get("LOG_LEVEL")), LogLevel.INFO);
  }

  private LogFormat format(Map<String, String> environment) {
    if (format != null) {
      return format;
    }
    return "json".equalsIgnoreCase(environment.get("JWG_LOG_FORMAT")) ? LogFormat.JSON : LogFormat.TEXT;
  }

  private static @Nullable LogLevel level(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "OFF", "SILENT" -> LogLevel.OFF;
      case "DEBUG", "VERBOSE" -> LogLevel.DEBUG;
      case "ERROR" -> LogLevel.ERROR;
      case "WARN" -> LogLevel.WARN;
      case "INFO" -> LogLevel.INFO;
      case "TRACE" -> LogLevel.TRACE;
      default -> null;
    };
  }
}
