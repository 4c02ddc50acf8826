package dev.jwg.config;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.route.AllowedIpChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Gathers a {@code [Peer]} section; a later line replaces an earlier one, but allowed IPs add up. */
final class PeerSection {
  private final Values values;
  /** Where the section begins. */
  final int line;

  private Optional<PublicKey> publicKey = Optional.empty();
  private Optional<PresharedKey> presharedKey = Optional.empty();
  private Optional<String> presharedKeyFile = Optional.empty();
  private boolean replaceAllowedIps;
  private final List<AllowedIpChange> allowedIps = new ArrayList<>();
  private Optional<PeerEndpoint> endpoint = Optional.empty();
  private OptionalInt persistentKeepalive = OptionalInt.empty();

  /** {@code replaceAllowedIps} is what holds unless the section names allowed IPs. */
  PeerSection(int line, Values values, boolean replaceAllowedIps) {
    this.line = line;
    this.values = values;
    this.replaceAllowedIps = replaceAllowedIps;
  }

  void set(ConfigKey key, String value) throws BadValueException {
    String dense = ConfigLine.withoutSpace(value);
    switch (key) {
      case PUBLIC_KEY -> publicKey = Optional.of(Values.publicKey(dense));
      case PRESHARED_KEY -> setPresharedKey(dense, Optional.empty());
      case PRESHARED_KEY_FILE -> setPresharedKey(values.keyFile(value), Optional.of(value));
      case ALLOWED_IPS -> addAllowedIps(dense);
      case ENDPOINT -> endpoint = Optional.of(values.endpoint(dense));
      case PERSISTENT_KEEPALIVE -> persistentKeepalive = OptionalInt.of(Values.persistentKeepalive(dense));
      default -> throw new IllegalArgumentException(key + " is not of this section");
    }
  }

  private void setPresharedKey(String key, Optional<String> file) throws BadValueException {
    presharedKey = Optional.of(Values.presharedKey(key));
    presharedKeyFile = file;
  }

  /** As with wg(8), the last list decides whether all of them replace what the peer has or change it. */
  private void addAllowedIps(String value) throws BadValueException {
    replaceAllowedIps = true;
    if (value.isEmpty()) {
      return;
    }
    for (String entry : value.split(",", -1)) {
      allowedIps.add(Values.allowedIp(entry));
      replaceAllowedIps &= !Values.isSigned(entry);
    }
  }

  /** Empty if the section does not say which peer it is about. */
  Optional<PeerConfig> toConfig() {
    return publicKey.map(key ->
        new PeerConfig(
            key, presharedKey, presharedKeyFile, replaceAllowedIps, allowedIps, endpoint, persistentKeepalive));
  }
}
