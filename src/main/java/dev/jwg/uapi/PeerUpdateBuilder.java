package dev.jwg.uapi;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.route.AllowedIpChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The lines of one peer in a {@code set} request. */
final class PeerUpdateBuilder {
  private final PublicKey publicKey;
  private boolean remove;
  private boolean updateOnly;
  private Optional<PresharedKey> presharedKey = Optional.empty();
  private Optional<Endpoint> endpoint = Optional.empty();
  private OptionalInt persistentKeepalive = OptionalInt.empty();
  private boolean replaceAllowedIps;
  private final List<AllowedIpChange> allowedIps = new ArrayList<>();

  PeerUpdateBuilder(UapiLine publicKey) throws UapiException {
    this.publicKey = publicKey.key(PublicKey::parseHex);
  }

  void accept(UapiLine line) throws UapiException {
    switch (line.key()) {
      case "remove" -> {
        line.requireTrue();
        remove = true;
      }
      case "update_only" -> {
        line.requireTrue();
        updateOnly = true;
      }
      case "preshared_key" -> presharedKey = Optional.of(line.key(PresharedKey::parseHex));
      case "endpoint" -> endpoint = Optional.of(line.endpoint());
      case "persistent_keepalive_interval" ->
          persistentKeepalive = OptionalInt.of((int) line.number(UapiLine.MAX_UINT16));
      case "replace_allowed_ips" -> {
        line.requireTrue();
        replaceAllowedIps = true;
        allowedIps.clear(); // lines act in order: what was added before goes too
      }
      case "allowed_ip" -> allowedIps.add(allowedIp(line));
      case "protocol_version" -> line.require("1");
      default -> throw line.unknownKey("a peer");
    }
  }

  private static AllowedIpChange allowedIp(UapiLine line) throws UapiException {
    boolean remove = line.value().startsWith("-");
    return new AllowedIpChange(line.prefix(remove ? line.value().substring(1) : line.value()), remove);
  }

  PeerUpdate build() {
    return new PeerUpdate(
        publicKey, remove, updateOnly, presharedKey, endpoint, persistentKeepalive, replaceAllowedIps, allowedIps);
  }
}
