package dev.jwg.config;

/** What is wrong with a configuration, said so that its author can mend it; never quotes a secret. */
public final class ConfigException extends Exception {
  private final String file;
  private final int line;
  private final String key;
  private final String reason;

  /** A fault of a file as a whole. */
  public ConfigException(String file, String reason) {
    this(file, 0, "", reason);
  }

  /** A fault of a line; {@code key} is empty if the line has none. */
  ConfigException(String file, int line, String key, String reason) {
    this.file = file;
    this.line = line;
    this.key = key;
    this.reason = reason;
  }

  public String file() {
    return file;
  }

  /** Counted from 1; 0 for a fault of the file as a whole. */
  public int line() {
    return line;
  }

  /** As the manual pages spell it; empty if the fault is not one key's. */
  public String key() {
    return key;
  }

  public String reason() {
    return reason;
  }

  /** {@code wg0.conf:12: AllowedIPs: 10.0.0.0/40 is not a prefix (length is 0 to 32)}. */
  @Override
  public String getMessage() {
    return file + (line == 0 ? "" : ":" + line) + ": " + (key.isEmpty() ? "" : key + ": ") + reason;
  }
}
