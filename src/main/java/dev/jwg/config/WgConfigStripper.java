package dev.jwg.config;

/** Leaves of a wg-quick file what {@code wg setconf} takes, as {@code wg-quick strip} does: comments stay. */
public final class WgConfigStripper {
  private WgConfigStripper() {}

  /**
   * Strips a text that {@link WgConfigParser} accepts.
   *
   * @return lines without surrounding blanks, and one empty line more, byte for byte as wg-quick prints them
   */
  public static String strip(String text) {
    StringBuilder stripped = new StringBuilder();
    int end;
    for (int start = 0; start < text.length(); start = end + 1) {
      int newline = text.indexOf('\n', start);
      end = newline < 0 ? text.length() : newline;
      String line = withoutBlanks(text.substring(start, end));
      if (!isOfWgQuick(line)) {
        stripped.append(line).append('\n');
      }
    }
    return stripped.append('\n').toString();
  }

  private static boolean isOfWgQuick(String line) {
    ConfigKey key = ConfigKey.find(ConfigLine.read(0, line).key());
    return key != null && key.ofWgQuick;
  }

  /** Bash's {@code read} takes away spaces and tabs, but no carriage return. */
  private static String withoutBlanks(String line) {
    int from = 0;
    int to = line.length();
    while (from < to && isBlank(line.charAt(from))) {
      from++;
    }
    while (from < to && isBlank(line.charAt(to - 1))) {
      to--;
    }
    return line.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
