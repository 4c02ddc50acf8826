package dev.jwg.device;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@code wg show} asks for, at one moment.
 *
 * @param listenPort the port bound, or the one configured while the interface is down
 */
public record DeviceState(Optional<PrivateKey> privateKey, int listenPort, int fwmark, List<PeerState> peers) {

  /** The allowed IPs of all peers. */
  public List<IpPrefix> allowedIps() {
    return peers.stream().flatMap(peer -> peer.allowedIps().stream()).toList();
  }

  /** The addresses of all known endpoints, but for those that need a zone. */
  public List<IpAddress> endpointAddresses() {
    return peers.stream()
        .flatMap(peer -> peer.endpoint().stream())
        .filter(endpoint -> endpoint.scopeId() == 0)
        .map(Endpoint::address)
        .toList();
  }

  /**
   * One peer, at the same moment.
   *
   * @param persistentKeepalive in seconds, 0 for off
   * @param receivedBytes outer bytes, authenticated messages only
   * @param allowedIps in the order they were given
   */
  public record PeerState(
      PublicKey publicKey,
      Optional<PresharedKey> presharedKey,
      Optional<Endpoint> endpoint,
      Optional<Instant> lastHandshake,
      long receivedBytes,
      long sentBytes,
      int persistentKeepalive,
      List<IpPrefix> allowedIps) {}
}
