package dev.jwg.daemon;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.net.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What became different between two states of a device, in words. */
final class StateDifference {
  private StateDifference() {}

  /** {@code peers: 1 added, 0 removed, 2 changed; new private key}, or that nothing did; of the configuration only. */
  static String between(DeviceState before, DeviceState after) {
    List<String> differences = new ArrayList<>();
    Map<PublicKey, PeerState> former = new HashMap<>();
    before.peers().forEach(peer -> former.put(peer.publicKey(), peer));
    int added = 0;
    int changed = 0;
    for (PeerState peer : after.peers()) {
      PeerState then = former.remove(peer.publicKey());
      if (then == null) {
        added++;
      } else if (!isConfiguredAlike(then, peer)) {
        changed++;
      }
    }
    if (added + former.size() + changed > 0) {
      differences.add("peers: %d added, %d removed, %d changed".formatted(added, former.size(), changed));
    }
    if (!before.privateKey().equals(after.privateKey())) {
      differences.add("new private key");
    }
    if (before.listenPort() != after.listenPort()) {
      differences.add("listening on port " + after.listenPort());
    }
    if (before.fwmark() != after.fwmark()) {
      differences.add("mark 0x" + Integer.toHexString(after.fwmark()));
    }
    return differences.isEmpty() ? "nothing changed" : String.join("; ", differences);
  }

  private static boolean isConfiguredAlike(PeerState one, PeerState other) {
    return one.presharedKey().equals(other.presharedKey())
        && one.endpoint().map(Endpoint::withoutSource).equals(other.endpoint().map(Endpoint::withoutSource))
        && one.persistentKeepalive() == other.persistentKeepalive()
        && one.allowedIps().equals(other.allowedIps());
  }
}
