package dev.jwg.device;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A validated change to a device, applied as a whole; what is absent stays as it is.
 *
 * @param privateKey an all-zero key means none
 * @param listenPort 0 for a random port
 * @param fwmark 0 for none
 * @param replacePeers remove all peers before applying {@code peers}
 * @param peers changes to peers, in order
 */
public record DeviceUpdate(
    Optional<PrivateKey> privateKey,
    OptionalInt listenPort,
    OptionalInt fwmark,
    boolean replacePeers,
    List<PeerUpdate> peers) {

  public DeviceUpdate {
    peers = List.copyOf(peers);
  }

  /** Changes the endpoint of a peer, if it still is one, and nothing else. */
  public static DeviceUpdate ofEndpoint(PublicKey peer, Endpoint endpoint) {
    PeerUpdate change =
        new PeerUpdate(
            peer,
            /* remove= */ false,
            /* updateOnly= */ true,
            Optional.empty(),
            Optional.of(endpoint),
            OptionalInt.empty(),
            /* replaceAllowedIps= */ false,
            List.of());
    return new DeviceUpdate(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), false, List.of(change));
  }

  /** Changes the mark of outer datagrams and nothing else. */
  public static DeviceUpdate ofFwmark(int mark) {
    return new DeviceUpdate(Optional.empty(), OptionalInt.empty(), OptionalInt.of(mark), false, List.of());
  }
}
