package dev.jwg.testing;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Spells a {@link PeerUpdate} as a {@code wg set} line does: what is not said stays as it is. */
public final class PeerChange {
  private boolean remove;
  private boolean updateOnly;
  private Optional<PresharedKey> presharedKey = Optional.empty();
  private Optional<Endpoint> endpoint = Optional.empty();
  private OptionalInt persistentKeepalive = OptionalInt.empty();
  private boolean replaceAllowedIps;
  private final List<AllowedIpChange> allowedIps = new ArrayList<>();

  public PeerChange remove() {
    remove = true;
    return this;
  }

  public PeerChange updateOnly() {
    updateOnly = true;
    return this;
  }

  public PeerChange presharedKey(PresharedKey key) {
    presharedKey = Optional.of(key);
    return this;
  }

  public PeerChange endpoint(Endpoint at) {
    endpoint = Optional.of(at);
    return this;
  }

  public PeerChange persistentKeepalive(int seconds) {
    persistentKeepalive = OptionalInt.of(seconds);
    return this;
  }

  public PeerChange replaceAllowedIps() {
    replaceAllowedIps = true;
    return this;
  }

  public PeerChange allow(IpAddress address) {
    return allow(new IpPrefix(address, address.bits()));
  }

  public PeerChange allow(IpPrefix prefix) {
    allowedIps.add(new AllowedIpChange(prefix, false));
    return this;
  }

  public PeerChange disallow(IpPrefix prefix) {
    allowedIps.add(new AllowedIpChange(prefix, true));
    return this;
  }

  /** The change, made to {@code peer}. */
  public PeerUpdate to(PublicKey peer) {
    return new PeerUpdate(
        peer, remove, updateOnly, presharedKey, endpoint, persistentKeepalive, replaceAllowedIps, allowedIps);
  }

  /** A request of nothing but this change. */
  public DeviceUpdate of(PublicKey peer) {
    return new DeviceUpdate(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), false, List.of(to(peer)));
  }
}
