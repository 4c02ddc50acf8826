package dev.jwg.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where an endpoint's configuration is, to be read at its start and again whenever that may have changed. */
public final class ConfigSource {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigSource.class);

  private final Path file;
  private final EnvironmentConfig environment;
  private final boolean isFile;
  private final KeyOrigins origins = new KeyOrigins(LOG::warn);

  private ConfigSource(Path file, EnvironmentConfig environment, boolean isFile) {
    this.file = file;
    this.environment = environment;
    this.isFile = isFile;
  }

  /**
   * The file, or the environment where there is no such file; which of them does not change later.
   *
   * @throws ConfigException there is no such file, and nothing in the environment either
   */
  public static ConfigSource of(Path file, Map<String, String> variables) throws ConfigException {
    EnvironmentConfig environment = new EnvironmentConfig(file, variables);
    boolean isFile = Files.exists(file);
    if (!isFile && environment.isEmpty()) {
      throw ConfigFile.noSuchFile(file);
    }
    return new ConfigSource(file, environment, isFile);
  }

  /** The configuration as it is now, with the keys from the files that it names. */
  public WgConfig read() throws ConfigException {
    if (!isFile) {
      return environment.read(origins);
    }
    ConfigFile content = ConfigFile.read(file);
    WgConfig config = WgConfigParser.parse(file.toString(), content.text(), WgConfigParser.Dialect.WG_QUICK, origins);
    if (config.holdsSecrets()) {
      origins.file(content);
    }
    return config;
  }

  /** Names of all environment variables that held a key in any reading so far. */
  public Set<String> keyVariables() {
    return origins.variables();
  }

  /** The file, also if there is none: it names the interface. */
  public Path file() {
    return file;
  }

  /** The folders in which something happens when the configuration, last read as {@code config}, changes. */
  public Set<Path> folders(WgConfig config) {
    Set<Path> folders = new HashSet<>();
    Stream<String> keyFiles =
        Stream.concat(
            config.device().privateKeyFile().stream(),
            config.peers().stream().flatMap(peer -> peer.presharedKeyFile().stream()));
    Stream.concat(Stream.of(file), keyFiles.map(file::resolveSibling))
        .map(path -> path.toAbsolutePath().getParent())
        .forEach(folders::add);
    return folders;
  }

  /** What the user should know of the environment: what is not used of it. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (isFile && !environment.names().isEmpty()) {
      warnings.add(String.join(", ", environment.names()) + " not used: " + file + " is there");
    }
    if (!isFile) {
      environment.unknown().forEach(name -> warnings.add(name + ": unknown variable, not used"));
    }
    return warnings;
  }

  /** As messages call it. */
  @Override
  public String toString() {
    return isFile ? file.toString() : "environment";
  }
}
