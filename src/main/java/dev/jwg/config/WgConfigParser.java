package dev.jwg.config;

import dev.jwg.config.ConfigKey.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads configuration text; the first fault refuses all of it. */
public final class WgConfigParser {
  /** Whose files are read. */
  public enum Dialect {
    /** What {@code wg setconf} takes. */
    WG,
    /** What {@code wg-quick} takes: the keys that configure the host too. */
    WG_QUICK
  }

  private static final char BYTE_ORDER_MARK = '\ufeff';

  /** What a decoder puts in the place of bytes that are not UTF-8. */
  private static final char REPLACEMENT = '\ufffd';

  /** Takes a fault of the file: throws it, or notes it so that the rest is read all the same. */
  private interface Faults {
    void add(ConfigException fault) throws ConfigException;
  }

  private final String file;
  private final Dialect dialect;
  private final Faults faults;
  private final Values values;
  private final InterfaceSection device;
  private final List<PeerSection> peers = new ArrayList<>();
  private @Nullable Section section;

  private WgConfigParser(String file, Dialect dialect, Services services, KeyOrigins origins, Faults faults) {
    this.file = file;
    this.dialect = dialect;
    this.faults = faults;
    values = new Values(services, file, origins);
    device = new InterfaceSection(values);
  }

  /**
   * Parses a whole file.
   *
   * @param file what messages call it; the files that it names are looked for beside it
   */
  public static WgConfig parse(String file, String text, Dialect dialect) throws ConfigException {
    return parse(file, text, dialect, KeyOrigins.unwarned());
  }

  /**
   * As {@link #parse(String, String, Dialect)}.
   *
   * @param origins is told where keys were found
   */
  public static WgConfig parse(String file, String text, Dialect dialect, KeyOrigins origins) throws ConfigException {
    return new WgConfigParser(file, dialect, systemServices(), origins, WgConfigParser::refuse).parse(text);
  }

  static WgConfig parse(String file, String text, Dialect dialect, Services services) throws ConfigException {
    return new WgConfigParser(file, dialect, services, KeyOrigins.unwarned(), WgConfigParser::refuse).parse(text);
  }

  /** Parses a whole file of wg-quick's, passing over each line that is wrong: it goes to {@code faults}. */
  public static WgConfig parseWhatIsRight(String file, String text, Consumer<ConfigException> faults)
      throws ConfigException {
    Dialect dialect = Dialect.WG_QUICK;
    return new WgConfigParser(file, dialect, systemServices(), KeyOrigins.unwarned(), faults::accept).parse(text);
  }

  private static Services systemServices() {
    return new Services(Path.of("/etc/services"));
  }

  private static void refuse(ConfigException fault) throws ConfigException {
    throw fault;
  }

  private WgConfig parse(String text) throws ConfigException {
    int number = 0;
    int end;
    for (int start = 0; start < text.length(); start = end + 1) {
      int newline = text.indexOf('\n', start);
      end = newline < 0 ? text.length() : newline;
      number++;
      try {
        read(ConfigLine.read(number, text.substring(start, end)));
      } catch (ConfigException fault) {
        faults.add(fault);
      }
    }
    return finish();
  }

  private void read(ConfigLine line) throws ConfigException {
    refuseStrangeCharacters(line, line.key(), /* isCommand= */ false);
    if (line.isBlank()) {
      return;
    }
    if (line.isHeader()) {
      open(line);
      return;
    }
    ConfigKey key = knownKey(line);
    String value = key.isHook() ? line.raw() : line.value();
    refuseStrangeCharacters(line, value, key.isHook());
    if (value.isEmpty() && !key.mayBeEmpty()) {
      throw fault(line, key.spelling, "has no value");
    }
    try {
      if (key.section == Section.INTERFACE) {
        device.set(key, value);
      } else {
        peers.get(peers.size() - 1).set(key, value);
      }
    } catch (BadValueException e) {
      throw fault(line, key.spelling, String.valueOf(e.getMessage()));
    }
  }

  private void open(ConfigLine line) throws ConfigException {
    section = line.isAssignment() ? null : Section.find(line.key());
    if (section == null) {
      throw fault(line, "", "unknown section (known are [Interface] and [Peer])");
    }
    if (section == Section.PEER) {
      peers.add(new PeerSection(line.number(), values, /* replaceAllowedIps= */ true));
    }
  }

  /** Never quotes the line: what is taken for a key may be half of a secret. */
  private ConfigKey knownKey(ConfigLine line) throws ConfigException {
    if (!line.isAssignment()) {
      throw fault(line, "", line.key().startsWith(";")
          ? "a comment begins with #"
          : "neither a section, nor a key with a value, nor a comment");
    }
    ConfigKey key = ConfigKey.find(line.key());
    if (key == null) {
      throw fault(line, "", line.key().startsWith(";") ? "a comment begins with #" : "unknown key");
    }
    if (section == null) {
      throw fault(line, key.spelling, "stands before any section");
    }
    if (key.section != section) {
      throw fault(line, key.spelling, "belongs into " + key.section.header);
    }
    if (key.ofWgQuick && dialect == Dialect.WG) {
      throw fault(line, key.spelling, "is a key of wg-quick, which is not allowed here (strip removes it)");
    }
    return key;
  }

  private void refuseStrangeCharacters(ConfigLine line, String text, boolean isCommand) throws ConfigException {
    try {
      refuseStrangeCharacters(text, isCommand);
    } catch (BadValueException e) {
      throw fault(line, "", String.valueOf(e.getMessage()));
    }
  }

  /** Nothing but comments and commands has a use for other characters than printable ASCII and white space. */
  static void refuseStrangeCharacters(String text, boolean isCommand) throws BadValueException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = ConfigLine.isSpace(c) || (c >= ' ' && c < 0x7f);
      boolean allowed = isCommand && c > 0x7f && c != REPLACEMENT;
      if (!plain && !allowed) {
        throw new BadValueException(switch (c) {
          case BYTE_ORDER_MARK -> "a byte order mark stands here; save the file without one";
          case REPLACEMENT -> "not UTF-8 text";
          default -> "the character " + BadValueException.name(text.codePointAt(i)) + " is not allowed here";
        });
      }
    }
  }

  private WgConfig finish() throws ConfigException {
    List<PeerConfig> configs = new ArrayList<>();
    for (PeerSection peer : peers) {
      Optional<PeerConfig> config = peer.toConfig();
      if (config.isEmpty()) {
        faults.add(new ConfigException(file, peer.line, "", "this [Peer] has no PublicKey"));
      }
      config.ifPresent(configs::add);
    }
    return new WgConfig(device.toConfig(), configs);
  }

  private ConfigException fault(ConfigLine line, String key, String reason) {
    return new ConfigException(file, line.number(), key, reason);
  }
}
