package dev.jwg.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.jspecify.annotations.Nullable;

/** How an event is written. */
public enum LogFormat {
  /** {@code 2026-11-24T10:00:00.123Z INFO wg0: …}; a stack trace follows on lines of its own. */
  TEXT {
    @Override
    String format(Event event) {
      return TIMESTAMP.format(event.at) + ' ' + event.level + ' ' + event.message + '\n' + stackTrace(event.thrown);
    }
  },

  /** One object a line, whatever the event holds; ASCII only, since nobody knows the encoding of standard error. */
  JSON {
    @Override
    String format(Event event) {
      StringBuilder line = new StringBuilder("{\"timestamp\":");
      appendQuoted(line, TIMESTAMP.format(event.at));
      appendQuoted(line.append(",\"level\":"), event.level);
      appendQuoted(line.append(",\"logger\":"), event.logger);
      appendQuoted(line.append(",\"thread\":"), event.thread);
      appendQuoted(line.append(",\"message\":"), event.message);
      if (event.thrown != null) {
        appendQuoted(line.append(",\"exception\":"), stackTrace(event.thrown));
      }
      return line.append("}\n").toString();
    }
  };

  /** RFC 3339, in UTC and with exactly three decimals, so that lines sort. */
  private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  /** What happened. */
  record Event(
      Instant at, String level, String logger, String thread, String message, @Nullable Throwable thrown) {}

  /** The event with its line's end. */
  abstract String format(Event event);

  private static String stackTrace(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  private static void appendQuoted(StringBuilder line, String text) {
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append('\\').append(c);
        case '\n' -> line.append("\\n");
        case '\t' -> line.append("\\t");
        default -> {
          if (c < ' ' || c > '~') {
            line.append(String.format("\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    line.append('"');
  }
}
