package dev.jwg.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A file or pipe that holds one key in base64 and nothing else; never quotes any of it. */
public final class KeyFile {
  private static final int BASE64_LENGTH = 44;

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

  /** The process's environment, or a test's. */
  interface Environment {
    @Nullable String get(String name);
  }

  private KeyFile() {}

  /** Reads the key's text; empty if the file is. */
  static Optional<String> read(Path path) throws ConfigException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(path.toString(), in);
    } catch (NoSuchFileException e) {
      throw new ConfigException(path.toString(), "no such file");
    } catch (AccessDeniedException e) {
      throw new ConfigException(path.toString(), "permission denied (run as root or mend the file's mode)");
    } catch (IOException e) {
      throw new ConfigException(path.toString(), "cannot be read: " + e.getMessage());
    }
  }

  /**
   * Reads 44 characters, then nothing but white space up to the end. Whether they make a key is for others to see.
   *
   * @param name what messages call the input
   * @return empty if the input is
   */
  public static Optional<String> read(String name, InputStream in) throws IOException, ConfigException {
    byte[] text = in.readNBytes(BASE64_LENGTH);
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (!ConfigLine.isSpace((char) next)) {
          throw new ConfigException(name, "something follows the key: give the key alone");
        }
      }
      return text.length == 0 ? Optional.empty() : Optional.of(new String(text, StandardCharsets.US_ASCII));
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  /**
   * Reads the key that {@code PrivateKeyFile} or {@code PresharedKeyFile} names: jwg's own keys, so that a configuration
   * can be kept where secrets must not be.
   *
   * @param configuration the file that names it, to whose folder a relative name belongs
   * @param name of a file, or <code>${NAME}</code> for the environment variable that holds the key
   * @param origins is told where the key was
   */
  static String readBeside(String configuration, String name, KeyOrigins origins) throws BadValueException {
    return readBeside(configuration, name, origins, System::getenv);
  }

  static String readBeside(String configuration, String name, KeyOrigins origins, Environment environment)
      throws BadValueException {
    Matcher variable = VARIABLE.matcher(name);
    if (variable.matches()) {
      origins.variable(variable.group(1));
      String key = environment.get(variable.group(1));
      if (key == null) {
        throw new BadValueException(name + " is not in the environment");
      }
      return key.strip();
    }
    try {
      ConfigFile file = ConfigFile.read(Path.of(configuration).resolveSibling(name));
      origins.file(file);
      return file.text().strip();
    } catch (ConfigException e) {
      throw new BadValueException(String.valueOf(e.getMessage()));
    }
  }
}
