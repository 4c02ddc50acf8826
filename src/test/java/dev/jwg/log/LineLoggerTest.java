package dev.jwg.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.testing.Stderr;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LineLoggerTest {
  private static final Instant AT = Instant.parse("2026-11-24T10:00:00Z");

  private final Logger log = LoggerFactory.getLogger("dev.jwg.Example");

  @AfterEach
  void restoreTheSettings() {
    new LogSettings(LogLevel.INFO, LogFormat.TEXT).apply();
  }

  @Test
  void textIsTimeLevelAndMessage() {
    List<String> lines = Stderr.of(() -> log.warn("{} of {} and {}", 1, 2, "three"));
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN 1 of 2 and three"), lines.get(0));
  }

  @Test
  void textHasTheStackTraceBehindItsLine() {
    List<String> lines = Stderr.of(() -> log.error("failed", new IllegalStateException("why")));
    assertTrue(lines.get(0).endsWith("Z ERROR failed"), lines.get(0));
    assertEquals("java.lang.IllegalStateException: why", lines.get(1));
    assertTrue(lines.get(2).startsWith("\tat dev.jwg.log.LineLoggerTest."), lines.get(2));
  }

  @Test
  void jsonIsOneObjectALine() {
    String line =
        LogFormat.JSON.format(
            new LogFormat.Event(AT, "INFO", "dev.jwg.Example", "main", "a \"quoted\" \\ line\nand\tmore \u2026\u0007", null));
    assertEquals(
        "{\"timestamp\":\"2026-11-24T10:00:00.000Z\",\"level\":\"INFO\",\"logger\":\"dev.jwg.Example\","
            + "\"thread\":\"main\",\"message\":\"a \\\"quoted\\\" \\\\ line\\nand\\tmore \\u2026\\u0007\"}\n",
        line);
  }

  @Test
  void jsonKeepsAStackTraceInItsLine() {
    new LogSettings(LogLevel.INFO, LogFormat.JSON).apply();
    List<String> lines = Stderr.of(() -> log.error("failed", new IllegalStateException("why")));
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).contains("\"exception\":\"java.lang.IllegalStateException: why\\n\\tat dev.jwg.log."), lines.get(0));
    assertTrue(lines.get(0).endsWith("\"}"), lines.get(0));
  }

  @Test
  void theLevelCountsAtOnceAlsoForLoggersMadeBefore() {
    assertEquals(List.of(), Stderr.of(() -> log.debug("unseen")));
    new LogSettings(LogLevel.DEBUG, LogFormat.TEXT).apply();
    assertEquals(1, Stderr.of(() -> log.debug("seen")).size());
    new LogSettings(LogLevel.OFF, LogFormat.TEXT).apply();
    assertEquals(List.of(), Stderr.of(() -> log.error("unseen")));
  }

  @Test
  void nettyTellsErrorsOnly() {
    Logger netty = LoggerFactory.getLogger("io.netty.util.Example");
    new LogSettings(LogLevel.TRACE, LogFormat.TEXT).apply();
    assertEquals(List.of(), Stderr.of(() -> netty.warn("unseen")));
    assertEquals(1, Stderr.of(() -> netty.error("seen")).size());
  }
}
