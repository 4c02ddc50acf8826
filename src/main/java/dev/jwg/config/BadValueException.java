package dev.jwg.config;

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

  static String quote(String value) {
    if (value.isEmpty()) {
      return "''";
    }
    StringBuilder quoted = new StringBuilder();
    value.codePoints().limit(QUOTED).forEach(c -> {
      if (c > ' ' && c < 0x7f) {
        quoted.append((char) c);
      } else {
        quoted.append(name(c));
      }
    });
    return quoted + (value.codePointCount(0, value.length()) > QUOTED ? "..." : "");
  }

  /** {@code U+00A0}. */
  static String name(int codePoint) {
    return String.format("U+%04X", codePoint);
  }
}
