package dev.jwg.config;

import org.jspecify.annotations.Nullable;

/** The keys of wg(8) and wg-quick(8), spelled as their manual pages do, and two of jwg's own. */
enum ConfigKey {
  PRIVATE_KEY("PrivateKey", Section.INTERFACE),
  PRIVATE_KEY_FILE("PrivateKeyFile", Section.INTERFACE, true),
  LISTEN_PORT("ListenPort", Section.INTERFACE),
  FW_MARK("FwMark", Section.INTERFACE),
  ADDRESS("Address", Section.INTERFACE, true),
  DNS("DNS", Section.INTERFACE, true),
  MTU("MTU", Section.INTERFACE, true),
  TABLE("Table", Section.INTERFACE, true),
  PRE_UP("PreUp", Section.INTERFACE, true),
  POST_UP("PostUp", Section.INTERFACE, true),
  PRE_DOWN("PreDown", Section.INTERFACE, true),
  POST_DOWN("PostDown", Section.INTERFACE, true),
  SAVE_CONFIG("SaveConfig", Section.INTERFACE, true),
  PUBLIC_KEY("PublicKey", Section.PEER),
  PRESHARED_KEY("PresharedKey", Section.PEER),
  PRESHARED_KEY_FILE("PresharedKeyFile", Section.PEER, true),
  ALLOWED_IPS("AllowedIPs", Section.PEER),
  ENDPOINT("Endpoint", Section.PEER),
  PERSISTENT_KEEPALIVE("PersistentKeepalive", Section.PEER);

  /** The sections of a configuration. */
  enum Section {
    INTERFACE("[Interface]"),
    PEER("[Peer]");

    final String header;

    Section(String header) {
      this.header = header;
    }

    static @Nullable Section find(String header) {
      for (Section section : values()) {
        if (section.header.equalsIgnoreCase(header)) {
          return section;
        }
      }
      return null;
    }
  }

  final String spelling;
  final Section section;

  /** True if only files for {@code up} may have it. */
  final boolean ofWgQuick;

  ConfigKey(String spelling, Section section) {
    this(spelling, section, false);
  }

  ConfigKey(String spelling, Section section, boolean ofWgQuick) {
    this.spelling = spelling;
    this.section = section;
    this.ofWgQuick = ofWgQuick;
  }

  static @Nullable ConfigKey find(String name) {
    for (ConfigKey key : values()) {
      if (key.spelling.equalsIgnoreCase(name)) {
        return key;
      }
    }
    return null;
  }

  /** True for shell commands, in which {@code #} and any white space belong to the value. */
  boolean isHook() {
    return switch (this) {
      case PRE_UP, POST_UP, PRE_DOWN, POST_DOWN -> true;
      default -> false;
    };
  }

  /** True for lists and settings that wg-quick takes as "nothing" when empty, and for a peer without allowed IPs. */
  boolean mayBeEmpty() {
    return switch (this) {
      case ALLOWED_IPS -> true;
      case SAVE_CONFIG, PRIVATE_KEY_FILE, PRESHARED_KEY_FILE -> false;
      default -> ofWgQuick;
    };
  }
}
