package dev.jwg.config;

import dev.jwg.config.ConfigKey.Section;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A configuration with a single peer, given by variables {@code JWG_*} instead of a file. */
final class EnvironmentConfig {
  private static final String PREFIX = "JWG_";
  private static final String PRIVATE_KEY_FILE = "JWG_PRIVATE_KEY_FILE";
  private static final String PEER_PUBLIC_KEY = "JWG_PEER_PUBLIC_KEY";

  private static final Map<String, ConfigKey> KEYS =
      Map.ofEntries(
          Map.entry(PRIVATE_KEY_FILE, ConfigKey.PRIVATE_KEY_FILE),
          Map.entry("JWG_ADDRESS", ConfigKey.ADDRESS),
          Map.entry("JWG_LISTEN_PORT", ConfigKey.LISTEN_PORT),
          Map.entry("JWG_MTU", ConfigKey.MTU),
          Map.entry("JWG_DNS", ConfigKey.DNS),
          Map.entry("JWG_TABLE", ConfigKey.TABLE),
          Map.entry(PEER_PUBLIC_KEY, ConfigKey.PUBLIC_KEY),
          Map.entry("JWG_PEER_ENDPOINT", ConfigKey.ENDPOINT),
          Map.entry("JWG_PRESHARED_KEY_FILE", ConfigKey.PRESHARED_KEY_FILE),
          Map.entry("JWG_ALLOWED_IPS", ConfigKey.ALLOWED_IPS),
          Map.entry("JWG_PERSISTENT_KEEPALIVE", ConfigKey.PERSISTENT_KEEPALIVE));

  /** Keys themselves, which {@code docker inspect}, a process list and every child process would show. */
  private static final Set<String> SECRETS = Set.of("JWG_PRIVATE_KEY", "JWG_PRESHARED_KEY");

  /** Of these, other parts of jwg take care. */
  private static final Set<String> OTHERS =
      Set.of("JWG_LOG_LEVEL", "JWG_LOG_FORMAT", "JWG_WATCH", "JWG_CACHE", "JWG_DETACHED");

  private final Path file;
  private final TreeMap<String, String> variables = new TreeMap<>();

  /** The variables among {@code environment} that are set and about jwg; key files are looked for beside {@code file}. */
  EnvironmentConfig(Path file, Map<String, String> environment) {
    this.file = file;
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX) && !value.isEmpty()) {
        variables.put(name, value);
      }
    });
  }

  /** Whether nobody meant to configure an endpoint by variables. */
  boolean isEmpty() {
    return names().isEmpty() && SECRETS.stream().noneMatch(variables::containsKey);
  }

  /** The variables set that configure an endpoint. */
  List<String> names() {
    return variables.keySet().stream().filter(KEYS::containsKey).toList();
  }

  /** The variables set that mean nothing. */
  List<String> unknown() {
    return variables.keySet().stream()
        .filter(name -> !KEYS.containsKey(name) && !SECRETS.contains(name) && !OTHERS.contains(name))
        .filter(name -> !isOfService(name))
        .toList();
  }

  /** Kubernetes gives every container addresses of services: one named {@code jwg} is told of by {@code JWG_PORT}. */
  private boolean isOfService(String name) {
    return variables.keySet().stream()
        .filter(other -> other.endsWith("_SERVICE_HOST"))
        .map(host -> host.substring(0, host.length() - "SERVICE_HOST".length()))
        .anyMatch(service -> name.startsWith(service + "SERVICE_") || name.startsWith(service + "PORT"));
  }

  /** Reads all variables; messages name the one at fault where they would name a file's line. */
  WgConfig read(KeyOrigins origins) throws ConfigException {
    refuseSecrets();
    for (String required : List.of(PRIVATE_KEY_FILE, PEER_PUBLIC_KEY)) {
      if (!variables.containsKey(required)) {
        throw new ConfigException(required, "is not set, and there is no " + file);
      }
    }
    Values values = new Values(new Services(Path.of("/etc/services")), file.toString(), origins);
    InterfaceSection device = new InterfaceSection(values);
    PeerSection peer = new PeerSection(0, values, /* replaceAllowedIps= */ true);
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      ConfigKey key = KEYS.get(variable.getKey());
      if (key != null) {
        set(device, peer, key, variable);
      }
    }
    return new WgConfig(device.toConfig(), peer.toConfig().stream().toList());
  }

  private void refuseSecrets() throws ConfigException {
    for (String secret : SECRETS) {
      if (variables.containsKey(secret)) {
        throw new ConfigException(
            secret, "the environment is no place for a key: put it into a file and name that by " + secret + "_FILE");
      }
    }
  }

  private static void set(
      InterfaceSection device, PeerSection peer, ConfigKey key, Map.Entry<String, String> variable)
      throws ConfigException {
    String value = variable.getValue().strip();
    try {
      WgConfigParser.refuseStrangeCharacters(value, /* isCommand= */ false);
      if (key.section == Section.INTERFACE) {
        device.set(key, value);
      } else {
        peer.set(key, value);
      }
    } catch (BadValueException e) {
      throw new ConfigException(variable.getKey(), String.valueOf(e.getMessage()));
    }
  }
}
