package dev.jwg.config;

import java.nio.file.Path;

/**
 * A file that holds one key, named by {@code PrivateKeyFile} or {@code PresharedKeyFile}: jwg's own keys, so that a
 * configuration can be kept where secrets must not be.
 */
final class KeyFile {
  private KeyFile() {}

  /**
   * The key's text, without the white space around it.
   *
   * @param configuration the file that names it, to whose folder a relative name belongs
   */
  static String read(String configuration, String name) throws BadValueException {
    try {
      ConfigFile file = ConfigFile.read(Path.of(configuration).resolveSibling(name));
      if (file.readableByOthers()) {
        throw new BadValueException(file.path() + ": every user can read the key in it: chmod 600 " + file.path());
      }
      return file.text().strip();
    } catch (ConfigException e) {
      throw new BadValueException(String.valueOf(e.getMessage()));
    }
  }
}
