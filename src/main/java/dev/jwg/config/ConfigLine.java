package dev.jwg.config;

/**
 * One line, taken apart.
 *
 * @param number counted from 1
 * @param key what stands before the first {@code =}, without white space; a section header whole; empty for a line that
 *     says nothing
 * @param value what stands behind, without comment and trimmed
 * @param raw the same with comment, for shell commands
 * @param isAssignment whether there is a {@code =}
 */
record ConfigLine(int number, String key, String value, String raw, boolean isAssignment) {

  static ConfigLine read(int number, String line) {
    int hash = line.indexOf('#');
    String said = hash < 0 ? line : line.substring(0, hash);
    int equals = said.indexOf('=');
    return equals < 0
        ? new ConfigLine(number, withoutSpace(said), "", "", false)
        : new ConfigLine(
            number,
            withoutSpace(said.substring(0, equals)),
            trim(said.substring(equals + 1)),
            trim(line.substring(equals + 1)),
            true);
  }

  boolean isBlank() {
    return key.isEmpty() && !isAssignment;
  }

  boolean isHeader() {
    return key.startsWith("[");
  }

  static String withoutSpace(String text) {
    StringBuilder dense = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (!isSpace(text.charAt(i))) {
        dense.append(text.charAt(i));
      }
    }
    return dense.toString();
  }

  private static String trim(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (from < to && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  /** White space of the C locale, so a carriage return at the end of a line does no harm. */
  static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
