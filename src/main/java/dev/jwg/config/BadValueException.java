package dev.jwg.config;

import java.util.function.IntPredicate;

/** Why a value will not do; the parser adds where it stands. */
final class BadValueException extends Exception {
  private static final int QUOTED = 60;

  BadValueException(String reason) {
    super(reason);
  }

  /** Quotes a value that is no secret, shortened and with anything but printable ASCII escaped. */
  BadValueException(String value, String reason) {
    super(quote(value) + " " + reason);
  }

  /** Returns the value, shortened and with anything but printable ASCII escaped. */
  static String quote(String value) {
    return quote(value, QUOTED, c -> false);
  }

  /** Returns the path, with anything but printable ASCII and the letters of other languages escaped. */
  static String quotePath(String path) {
    return quote(path, Integer.MAX_VALUE, Character::isLetterOrDigit);
  }

  private static String quote(String value, int length, IntPredicate alsoPrinted) {
    if (value.isEmpty()) {
      return "''";
    }
    StringBuilder quoted = new StringBuilder();
    value.codePoints().limit(length).forEach(c -> {
      if ((c >= ' ' && c < 0x7f) || alsoPrinted.test(c)) {
        quoted.appendCodePoint(c);
      } else {
        quoted.append(name(c));
      }
    });
    return quoted + (value.codePointCount(0, value.length()) > length ? "..." : "");
  }

  /** {@code U+00A0}. */
  static String name(int codePoint) {
    return String.format("U+%04X", codePoint);
  }
}
