package dev.jwg.device;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import dev.jwg.route.AllowedIpChange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A change to one peer, which is created unless it exists.
 *
 * @param remove remove the peer; all that follows is ignored
 * @param updateOnly do nothing if there is no such peer
 * @param presharedKey an all-zero key means none
 * @param persistentKeepalive in seconds, 0 for off
 * @param replaceAllowedIps remove all of the peer's allowed IPs before applying {@code allowedIps}
 * @param allowedIps additions and removals, in order
 */
public record PeerUpdate(
    PublicKey publicKey,
    boolean remove,
    boolean updateOnly,
    Optional<PresharedKey> presharedKey,
    Optional<Endpoint> endpoint,
    OptionalInt persistentKeepalive,
    boolean replaceAllowedIps,
    List<AllowedIpChange> allowedIps) {

  public PeerUpdate {
    allowedIps = List.copyOf(allowedIps);
  }
}
