package dev.jwg.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Colours for people at a terminal, or none: the same ones as {@code wg}'s, in the same places (ECMA-48 SGR). */
record Style(boolean colours) {
  private static final String RESET = "\033[0m";
  private static final String BOLD = "\033[1m";
  private static final String RED = "\033[31m";
  private static final String GREEN = "\033[32m";
  private static final String YELLOW = "\033[33m";
  private static final String CYAN = "\033[36m";

  /** As WG_COLOR_MODE says, or by whether stdout is a terminal. */
  static Style ofTerminal() {
    return new Style(switch (Objects.requireNonNullElse(System.getenv("WG_COLOR_MODE"), "auto")) {
      case "always" -> true;
      case "never" -> false;
      default -> isTerminal(Path.of("/proc/self/fd/1"));
    });
  }

  /** System.console() asks about stdin too, and on JDK 22 and later is never null. */
  private static boolean isTerminal(Path fd) {
    try {
      String target = Files.readSymbolicLink(fd).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
    } catch (IOException unknown) {
      return false;
    }
  }

  String interfaceHeading(String name) {
    return colours ? RESET + heading(GREEN, "interface", name) : heading(GREEN, "interface", name);
  }

  String peerHeading(String key) {
    return heading(YELLOW, "peer", key);
  }

  private String heading(String colour, String label, String value) {
    return paint(colour, paint(BOLD, label)) + ": " + paint(colour, value);
  }

  String label(String text) {
    return paint(BOLD, text);
  }

  /** Units, and the slash of a prefix. */
  String unit(String text) {
    return paint(CYAN, text);
  }

  String warning(String text) {
    return paint(RED, text);
  }

  /** One reset ends everything, so a nested text is not reset twice. */
  private String paint(String code, String text) {
    if (!colours) {
      return text;
    }
    return code + (text.endsWith(RESET) ? text : text + RESET);
  }
}
