package dev.jwg.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much a long-running command logs; a mixin. Call {@link #apply} before the first logger is made. */
final class LogOptions {
  enum Level {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  private static final String LOGGER = "org.slf4j.simpleLogger.";

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "${COMPLETION-CANDIDATES}; else JWG_LOG_LEVEL or LOG_LEVEL of the environment, else INFO.")
  private @Nullable Level level;

  /** Sets the backend up: one line per event on stderr, {@code 2026-11-24T10:00:00.123Z INFO wg0: …}. */
  void apply() {
    String name = effective(System.getenv()).name().toLowerCase(Locale.ROOT);
    System.setProperty(LOGGER + "defaultLogLevel", name);
    System.setProperty(LOGGER + "log.io.netty", "error");
    System.setProperty(LOGGER + "showThreadName", "false");
    System.setProperty(LOGGER + "showLogName", "false");
    System.setProperty(LOGGER + "showDateTime", "true");
    System.setProperty(LOGGER + "dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    TimeZone.setDefault(TimeZone.getTimeZone("UTC")); // the backend has no setting for it
  }

  /** Flag, then our variable, then the one that wireguard-go knows; a value that means nothing is passed over. */
  Level effective(Map<String, String> environment) {
    if (level != null) {
      return level;
    }
    Level ours = named(environment.get("JWG_LOG_LEVEL"));
    return ours != null ? ours : Objects.requireNonNullElse(named(environment.get("LOG_LEVEL")), Level.INFO);
  }

  private static @Nullable Level named(@Nullable String name) {
    if (name == null) {
      return null;
    }
    String upper = name.toUpperCase(Locale.ROOT);
    return switch (upper) {
      case "OFF", "SILENT" -> Level.OFF;
      case "DEBUG", "VERBOSE" -> Level.DEBUG;
      case "ERROR" -> Level.ERROR;
      case "WARN" -> Level.WARN;
      case "INFO" -> Level.INFO;
      case "TRACE" -> Level.TRACE;
      default -> null;
    };
  }
}
