package dev.jwg.change;

import dev.jwg.config.ConfigException;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.InterfaceConfig;
import dev.jwg.config.PeerConfig;
import dev.jwg.config.PeerEndpoint;
import dev.jwg.config.WgChange;
import dev.jwg.config.WgConfig;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What each of {@code setconf}, {@code addconf}, {@code syncconf} and {@code set} makes of its input. All of them resolve
 * every endpoint, and ask again for as long as {@link EndpointResolver} thinks it worth while.
 */
public final class Changes {
  private final String source;
  private final EndpointResolver resolver;

  /**
   * Changes by input that messages call {@code source}, resolved by the system.
   *
   * @throws ConfigException the environment holds a bad setting for the resolver
   */
  public Changes(String source) throws ConfigException {
    this.source = source;
    this.resolver = EndpointResolver.system();
  }

  /** Sets the device to the configuration and nothing else: what the file leaves out becomes zero. */
  public DeviceUpdate setconf(WgConfig config) throws ConfigException {
    return whole(config.device(), /* replacePeers= */ true, updates(config.peers()));
  }

  /** Adds to what the device has; what the file leaves out stays. */
  public DeviceUpdate addconf(WgConfig config) throws ConfigException {
    return partial(config.device(), updates(config.peers()));
  }

  /** Comes to what setconf does, but a peer that {@code running} and the file share is changed, so its session lives. */
  public DeviceUpdate syncconf(WgConfig config, DeviceState running) throws ConfigException {
    List<PeerUpdate> wanted = updates(config.peers());
    return whole(config.device(), /* replacePeers= */ false, Difference.between(running.peers(), wanted));
  }

  /** Changes what the command line names. */
  public DeviceUpdate set(WgChange change) throws ConfigException {
    List<PeerUpdate> peers = new ArrayList<>(change.peers().size());
    for (WgChange.Peer peer : change.peers()) {
      peers.add(peer.remove() ? removal(peer.config().publicKey()) : update(peer.config()));
    }
    return partial(change.device(), peers);
  }

  private static DeviceUpdate whole(InterfaceConfig device, boolean replacePeers, List<PeerUpdate> peers) {
    return new DeviceUpdate(
        Optional.of(device.privateKey().orElseGet(PrivateKey::none)),
        OptionalInt.of(device.listenPort().orElse(0)),
        OptionalInt.of(device.fwMark().orElse(0)),
        replacePeers,
        peers);
  }

  private static DeviceUpdate partial(InterfaceConfig device, List<PeerUpdate> peers) {
    return new DeviceUpdate(
        device.privateKey(), device.listenPort(), device.fwMark(), /* replacePeers= */ false, peers);
  }

  private List<PeerUpdate> updates(List<PeerConfig> peers) throws ConfigException {
    List<PeerUpdate> updates = new ArrayList<>(peers.size());
    for (PeerConfig peer : peers) {
      updates.add(update(peer));
    }
    return updates;
  }

  private PeerUpdate update(PeerConfig peer) throws ConfigException {
    return new PeerUpdate(
        peer.publicKey(),
        /* remove= */ false,
        /* updateOnly= */ false,
        peer.presharedKey(),
        resolve(peer),
        peer.persistentKeepalive(),
        peer.replaceAllowedIps(),
        peer.allowedIps());
  }

  static PeerUpdate removal(PublicKey peer) {
    return new PeerUpdate(
        peer,
        /* remove= */ true,
        /* updateOnly= */ false,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        /* replaceAllowedIps= */ false,
        List.of());
  }

  private Optional<Endpoint> resolve(PeerConfig peer) throws ConfigException {
    if (peer.endpoint().isEmpty()) {
      return Optional.empty();
    }
    PeerEndpoint endpoint = peer.endpoint().get();
    try {
      return Optional.of(resolver.resolve(endpoint));
    } catch (UnknownHostException e) {
      throw new ConfigException(
          source, "Endpoint of peer " + peer.publicKey() + ": cannot resolve " + endpoint + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfigException(source, "interrupted while resolving " + endpoint);
    }
  }
}
