package dev.jwg.config;

/**
 * Leaves of a wg-quick file what {@code wg setconf} takes, as {@code wg-quick strip} does: comments stay. A key that
 * has a file of its own takes that file's place.
 */
public final class WgConfigStripper {
  private WgConfigStripper() {}

  /**
   * Strips a text that {@link WgConfigParser} accepts.
   *
   * @param file the file that the text is from
   * @param origins is told where keys were
   * @return lines without surrounding blanks, and one empty line more, byte for byte as wg-quick prints them
   */
  public static String strip(String file, String text, KeyOrigins origins) throws ConfigException {
    StringBuilder stripped = new StringBuilder();
    int number = 0;
    int end;
    for (int start = 0; start < text.length(); start = end + 1) {
      int newline = text.indexOf('\n', start);
      end = newline < 0 ? text.length() : newline;
      stripped.append(strip(file, ++number, withoutBlanks(text.substring(start, end)), origins));
    }
    return stripped.append('\n').toString();
  }

  /** The line, with a line feed; empty if it is not for wg. */
  private static String strip(String file, int number, String line, KeyOrigins origins) throws ConfigException {
    ConfigLine read = ConfigLine.read(number, line);
    ConfigKey key = ConfigKey.find(read.key());
    if (key != null && !key.ofWgQuick && read.value().isEmpty()) {
      return ""; // such as "AllowedIPs =", which wg refuses
    }
    if (key == null || !key.ofWgQuick) {
      return line + "\n";
    }
    return switch (key) {
      case PRIVATE_KEY_FILE -> fromFile(ConfigKey.PRIVATE_KEY, file, read, origins);
      case PRESHARED_KEY_FILE -> fromFile(ConfigKey.PRESHARED_KEY, file, read, origins);
      default -> "";
    };
  }

  private static String fromFile(ConfigKey key, String file, ConfigLine line, KeyOrigins origins) throws ConfigException {
    try {
      return key.spelling + " = " + KeyFile.readBeside(file, line.value(), origins) + "\n";
    } catch (BadValueException e) {
      throw new ConfigException(file, line.number(), line.key(), String.valueOf(e.getMessage()));
    }
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
