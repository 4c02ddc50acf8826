package dev.jwg.config;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.route.AllowedIpChange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A {@code [Peer]} section.
 *
 * @param presharedKey an all-zero key means none
 * @param presharedKeyFile where the text names a file instead of the key
 * @param replaceAllowedIps whether {@code allowedIps} are all that the peer is to have, also after an earlier section
 *     with its key; false if any of the last list is written with {@code +} or {@code -}
 * @param persistentKeepalive in seconds, 0 for off
 */
public record PeerConfig(
    PublicKey publicKey,
    Optional<PresharedKey> presharedKey,
    Optional<String> presharedKeyFile,
    boolean replaceAllowedIps,
    List<AllowedIpChange> allowedIps,
    Optional<PeerEndpoint> endpoint,
    OptionalInt persistentKeepalive) {

  public PeerConfig {
    allowedIps = List.copyOf(allowedIps);
  }

  /** With the preshared key in the text, or none. */
  public PeerConfig(
      PublicKey publicKey,
      Optional<PresharedKey> presharedKey,
      boolean replaceAllowedIps,
      List<AllowedIpChange> allowedIps,
      Optional<PeerEndpoint> endpoint,
      OptionalInt persistentKeepalive) {
    this(publicKey, presharedKey, Optional.empty(), replaceAllowedIps, allowedIps, endpoint, persistentKeepalive);
  }
}
