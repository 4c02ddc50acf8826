package dev.jwg.config;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Where the keys of a configuration were read from, over all readings of it. Gives one warning for each file that others
 * can read, and remembers the environment variables that hold keys.
 */
public final class KeyOrigins {
  private final Consumer<String> warnings;
  private final Set<Path> warned = ConcurrentHashMap.newKeySet();
  private final Set<String> variables = ConcurrentHashMap.newKeySet();

  /** Takes what is to be done with a warning. */
  public KeyOrigins(Consumer<String> warnings) {
    this.warnings = warnings;
  }

  /** Origins of keys whose warnings were given before. */
  public static KeyOrigins unwarned() {
    return new KeyOrigins(warning -> {});
  }

  /** Notes that a key was read from the file. */
  public void file(ConfigFile file) {
    if (file.readableByOthers() && warned.add(file.path())) {
      warnings.accept(file.path() + ": the keys in it are readable by others: chmod 600 " + file.path());
    }
  }

  /** Notes that a key was read from the environment variable. */
  void variable(String name) {
    variables.add(name);
  }

  /** Names of all environment variables from which keys were read so far. */
  public Set<String> variables() {
    return Set.copyOf(variables);
  }
}
