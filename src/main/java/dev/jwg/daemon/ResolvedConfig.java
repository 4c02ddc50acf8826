package dev.jwg.daemon;

import dev.jwg.config.ConfigException;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.HostConfig;
import dev.jwg.config.PeerConfig;
import dev.jwg.config.PeerEndpoint;
import dev.jwg.config.WgConfig;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.host.InterfaceAddress;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A configuration whose endpoints have addresses.
 *
 * @param update sets the device to the configuration and nothing else: what the file leaves out becomes zero
 */
record ResolvedConfig(DeviceUpdate update, HostConfig host) {

  /** Resolves all endpoints; asks again for as long as {@link EndpointResolver} thinks it worth while. */
  static ResolvedConfig of(Path file, WgConfig config) throws ConfigException {
    EndpointResolver resolver = EndpointResolver.system();
    List<PeerUpdate> peers = new ArrayList<>(config.peers().size());
    for (PeerConfig peer : config.peers()) {
      peers.add(update(peer, resolve(resolver, file, peer)));
    }
    DeviceUpdate update =
        new DeviceUpdate(
            config.device().privateKey(),
            OptionalInt.of(config.device().listenPort().orElse(0)),
            OptionalInt.of(config.device().fwMark().orElse(0)),
            /* replacePeers= */ true,
            peers);
    return new ResolvedConfig(update, config.device().host());
  }

  private static Optional<Endpoint> resolve(EndpointResolver resolver, Path file, PeerConfig peer)
      throws ConfigException {
    if (peer.endpoint().isEmpty()) {
      return Optional.empty();
    }
    PeerEndpoint endpoint = peer.endpoint().get();
    try {
      return Optional.of(resolver.resolve(endpoint));
    } catch (UnknownHostException e) {
      throw new ConfigException(
          file.toString(), "Endpoint of peer " + peer.publicKey() + ": cannot resolve " + endpoint + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfigException(file.toString(), "interrupted while resolving " + endpoint);
    }
  }

  private static PeerUpdate update(PeerConfig peer, Optional<Endpoint> endpoint) {
    return new PeerUpdate(
        peer.publicKey(),
        /* remove= */ false,
        /* updateOnly= */ false,
        peer.presharedKey(),
        endpoint,
        peer.persistentKeepalive(),
        peer.replaceAllowedIps(),
        peer.allowedIps());
  }

  List<InterfaceAddress> addresses() {
    return host.addresses().stream()
        .map(address -> new InterfaceAddress(address.address(), address.length()))
        .toList();
  }

  List<IpAddress> endpointAddresses() {
    return update.peers().stream().flatMap(peer -> peer.endpoint().stream()).map(Endpoint::address).toList();
  }

  /** All that the peers are allowed, which is what the host routes into the tunnel. */
  List<IpPrefix> allowedIps() {
    return update.peers().stream()
        .flatMap(peer -> peer.allowedIps().stream())
        .filter(change -> !change.remove())
        .map(AllowedIpChange::prefix)
        .distinct()
        .toList();
  }
}
