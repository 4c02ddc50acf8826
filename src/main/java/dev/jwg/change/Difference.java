package dev.jwg.change;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.PeerUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** What it takes to make running peers the wanted ones without taking down those that are both. */
final class Difference {
  private final Map<PublicKey, PeerState> running = new HashMap<>();

  private Difference(List<PeerState> peers) {
    peers.forEach(peer -> running.put(peer.publicKey(), peer));
  }

  /** Peers that are not wanted go first, so that what they were allowed is free. */
  static List<PeerUpdate> between(List<PeerState> running, List<PeerUpdate> wanted) {
    Set<PublicKey> unwanted = new HashSet<>();
    running.forEach(peer -> unwanted.add(peer.publicKey()));
    wanted.forEach(peer -> unwanted.remove(peer.publicKey()));
    List<PeerUpdate> updates = new ArrayList<>();
    unwanted.forEach(peer -> updates.add(Changes.removal(peer)));
    Difference difference = new Difference(running);
    wanted.forEach(peer -> updates.add(difference.cleared(peer)));
    return updates;
  }

  /** A peer's first section clears what it does not name; a later one adds to the first. */
  private PeerUpdate cleared(PeerUpdate peer) {
    PeerState now = running.remove(peer.publicKey());
    if (now == null) {
      return peer;
    }
    return new PeerUpdate(
        peer.publicKey(),
        peer.remove(),
        peer.updateOnly(),
        peer.presharedKey().or(() -> now.presharedKey().map(old -> PresharedKey.none())),
        peer.endpoint(),
        peer.persistentKeepalive().isPresent() || now.persistentKeepalive() == 0
            ? peer.persistentKeepalive()
            : OptionalInt.of(0),
        peer.replaceAllowedIps(),
        peer.allowedIps());
  }
}
