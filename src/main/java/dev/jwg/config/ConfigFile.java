package dev.jwg.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A configuration file's content.
 *
 * @param text what is not UTF-8 stands as U+FFFD, which the parser lets pass in comments only
 * @param readableByOthers whether every user of the system can read the secrets in it
 */
public record ConfigFile(Path path, String text, boolean readableByOthers) {
  /** Far above what a hundred thousand peers need. */
  private static final int MAX_BYTES = 16 << 20;

  private static final Path DIRECTORY = Path.of("/etc/wireguard");
  private static final String SUFFIX = ".conf";
  private static final String NAME = "[a-zA-Z0-9_=+.-]{1,15}";
  private static final Pattern FILE_NAME = Pattern.compile("(" + NAME + ")\\.conf");

  /**
   * Finds what wg-quick would: a name stands for a file in {@code /etc/wireguard}, anything ending in {@code .conf} for
   * itself.
   */
  public static Path find(String nameOrPath) throws ConfigException {
    return find(nameOrPath, DIRECTORY);
  }

  static Path find(String nameOrPath, Path directory) throws ConfigException {
    Path path = locate(nameOrPath, directory);
    if (!Files.exists(path)) {
      throw noSuchFile(path);
    }
    return path;
  }

  /** As {@link #find}, but there need be no such file. */
  public static Path locate(String nameOrPath) throws ConfigException {
    return locate(nameOrPath, DIRECTORY);
  }

  private static Path locate(String nameOrPath, Path directory) throws ConfigException {
    boolean isName = nameOrPath.matches(NAME) && !nameOrPath.endsWith(SUFFIX);
    String shown = BadValueException.quotePath(nameOrPath);
    if (!isName && nameOrPath.indexOf('\0') >= 0) {
      throw new ConfigException(shown, "is no file name");
    }
    Path path = isName ? directory.resolve(nameOrPath + SUFFIX) : Path.of(nameOrPath);
    Path name = path.getFileName();
    if (name == null || !FILE_NAME.matcher(name.toString()).matches()) {
      throw new ConfigException(shown,
          "a configuration file is named after its interface: 1 to 15 of a-z A-Z 0-9 _ = + . - followed by .conf");
    }
    return path;
  }

  static ConfigException noSuchFile(Path path) {
    return new ConfigException(path.toString(), "no such file");
  }

  /** Reads a file or pipe, whatever its name. */
  public static ConfigFile read(Path path) throws ConfigException {
    if (Files.isDirectory(path)) {
      throw new ConfigException(path.toString(), "is a directory");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new ConfigException(path.toString(), "is larger than 16 MB");
      }
      return new ConfigFile(path, new String(bytes, StandardCharsets.UTF_8), isReadableByOthers(path));
    } catch (NoSuchFileException e) {
      throw noSuchFile(path);
    } catch (AccessDeniedException e) {
      throw new ConfigException(path.toString(), "permission denied (run as root or mend the file's mode)");
    } catch (IOException e) {
      throw new ConfigException(path.toString(), "cannot be read: " + e.getMessage());
    }
  }

  /** The file lets others read and its directory lets them through; a pipe has no readers but us. */
  private static boolean isReadableByOthers(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    Path real = path.toRealPath();
    Path directory = real.getParent();
    return Files.getPosixFilePermissions(real).contains(PosixFilePermission.OTHERS_READ)
        && directory != null
        && Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_EXECUTE);
  }

  /** The interface that a file found by {@link #find} is named after. */
  public static String interfaceName(Path path) {
    Matcher matcher = FILE_NAME.matcher(String.valueOf(path.getFileName()));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(path + " is not named after an interface");
    }
    return matcher.group(1);
  }
}
