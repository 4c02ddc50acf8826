package dev.jwg.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what follows the interface in {@code wg set}: words of wg(8), most of them with a value behind. */
public final class SetArguments {
  private static final String COMMAND = "set";
  private static final String PEER = "peer";
  private static final String REMOVE = "remove";

  private static final Map<String, ConfigKey> DEVICE_WORDS = Map.of(
      "listen-port", ConfigKey.LISTEN_PORT,
      "fwmark", ConfigKey.FW_MARK,
      "private-key", ConfigKey.PRIVATE_KEY);

  private static final Map<String, ConfigKey> PEER_WORDS = Map.of(
      "preshared-key", ConfigKey.PRESHARED_KEY,
      "endpoint", ConfigKey.ENDPOINT,
      "persistent-keepalive", ConfigKey.PERSISTENT_KEEPALIVE,
      "allowed-ips", ConfigKey.ALLOWED_IPS);

  /** What an empty key file stands for. */
  private static final String NO_KEY = "A".repeat(43) + "=";

  private final Values values;
  private final InterfaceSection device;
  private final List<WgChange.Peer> peers = new ArrayList<>();
  private @Nullable PeerSection peer;
  private boolean remove;

  private SetArguments(Services services) {
    values = new Values(services, "", KeyOrigins.unwarned()); // words name no file that names another
    device = new InterfaceSection(values);
  }

  /** Reads the arguments, and the key files that they name. */
  public static WgChange parse(List<String> arguments) throws ConfigException {
    SetArguments parser = new SetArguments(new Services(Path.of("/etc/services")));
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      parser.read(rest.next(), rest);
    }
    parser.closePeer();
    return new WgChange(parser.device.toConfig(), parser.peers);
  }

  private void read(String word, Iterator<String> rest) throws ConfigException {
    if (word.equals(PEER)) {
      closePeer();
      peer = new PeerSection(0, values, /* replaceAllowedIps= */ false);
      set(word, ConfigKey.PUBLIC_KEY, value(word, rest));
    } else if (word.equals(REMOVE) && peer != null) {
      remove = true;
    } else {
      set(word, key(word), value(word, rest));
    }
  }

  private ConfigKey key(String word) throws ConfigException {
    ConfigKey key = (peer == null ? DEVICE_WORDS : PEER_WORDS).get(word);
    if (key != null) {
      return key;
    }
    if (DEVICE_WORDS.containsKey(word)) {
      throw new ConfigException(COMMAND, word + " belongs before the first peer");
    }
    if (PEER_WORDS.containsKey(word) || word.equals(REMOVE)) {
      throw new ConfigException(COMMAND, word + " belongs behind a peer");
    }
    // Not quoted: it may be a key that was meant to be in a file.
    throw new ConfigException(COMMAND, "unknown word" + (peer == null ? "" : " for a peer"));
  }

  private static String value(String word, Iterator<String> rest) throws ConfigException {
    if (!rest.hasNext()) {
      throw new ConfigException(COMMAND, word + " lacks its value");
    }
    return rest.next();
  }

  private void set(String word, ConfigKey key, String given) throws ConfigException {
    String value = key == ConfigKey.PRIVATE_KEY || key == ConfigKey.PRESHARED_KEY ? keyIn(given, word) : given;
    try {
      if (key != ConfigKey.ALLOWED_IPS && !value.equals(ConfigLine.withoutSpace(value))) {
        throw new BadValueException("white space is not allowed here");
      }
      if (peer == null) {
        device.set(key, value);
      } else {
        peer.set(key, value);
      }
    } catch (BadValueException e) {
      throw new ConfigException(COMMAND, 0, word, String.valueOf(e.getMessage()));
    }
  }

  private static String keyIn(String file, String word) throws ConfigException {
    try {
      Path path = Path.of(file);
      if (isKey(file) && !Files.exists(path)) {
        throw new ConfigException(COMMAND, word + " takes a file that holds the key, not the key: others can see arguments");
      }
      return KeyFile.read(path).orElse(NO_KEY);
    } catch (InvalidPathException e) {
      throw new ConfigException(BadValueException.quotePath(file), "is no file name");
    }
  }

  private static boolean isKey(String text) {
    try {
      Values.privateKey(text).close();
      return true;
    } catch (BadValueException notOne) {
      return false;
    }
  }

  private void closePeer() {
    Optional<PeerConfig> config = Optional.ofNullable(peer).flatMap(PeerSection::toConfig);
    config.ifPresent(settings -> peers.add(new WgChange.Peer(settings, remove)));
    remove = false;
  }
}
