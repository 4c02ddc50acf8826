package dev.jwg.uapi;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device that only remembers what it was told. */
public final class FakeDevice implements DeviceControl {
  private Optional<PrivateKey> privateKey = Optional.empty();
  private int listenPort;
  private int fwmark;
  private final Map<PublicKey, PeerState> peers = new LinkedHashMap<>();
  private @Nullable IOException refusal;

  /** Makes every change fail. */
  public synchronized void refuseWith(IOException failure) {
    refusal = failure;
  }

  /** Adds a peer as it stands, counters and all. */
  public synchronized void put(PeerState peer) {
    peers.put(peer.publicKey(), peer);
  }

  @Override
  public synchronized DeviceState state() {
    return new DeviceState(privateKey, listenPort, fwmark, List.copyOf(peers.values()));
  }

  @Override
  public synchronized void apply(DeviceUpdate update) throws IOException {
    if (refusal != null) {
      throw refusal;
    }
    update.privateKey().ifPresent(key -> privateKey = Optional.of(key).filter(some -> !some.isZero()));
    update.listenPort().ifPresent(port -> listenPort = port);
    update.fwmark().ifPresent(mark -> fwmark = mark);
    if (update.replacePeers()) {
      peers.clear();
    }
    update.peers().forEach(this::apply);
  }

  private void apply(PeerUpdate update) {
    PeerState old = peers.get(update.publicKey());
    if (update.remove()) {
      peers.remove(update.publicKey());
    } else if (old != null || !update.updateOnly()) {
      peers.put(update.publicKey(), changed(old, update));
    }
  }

  private static PeerState changed(@Nullable PeerState old, PeerUpdate update) {
    PeerState base = old != null
        ? old
        : new PeerState(
            update.publicKey(), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0, 0, List.of());
    return new PeerState(
        base.publicKey(),
        update.presharedKey().or(base::presharedKey).filter(key -> !key.isZero()),
        update.endpoint().or(base::endpoint),
        base.lastHandshake(),
        base.receivedBytes(),
        base.sentBytes(),
        update.persistentKeepalive().orElse(base.persistentKeepalive()),
        allowedIps(base, update));
  }

  private static List<IpPrefix> allowedIps(PeerState base, PeerUpdate update) {
    List<IpPrefix> prefixes = new ArrayList<>(update.replaceAllowedIps() ? List.of() : base.allowedIps());
    for (AllowedIpChange change : update.allowedIps()) {
      prefixes.remove(change.prefix());
      if (!change.remove()) {
        prefixes.add(change.prefix());
      }
    }
    return List.copyOf(prefixes);
  }
}
