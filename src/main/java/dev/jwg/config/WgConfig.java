package dev.jwg.config;

import java.util.List;

/**
 * A configuration as its text gives it.
 *
 * @param peers in the order of their sections; apply them in this order, since a later section may repeat a key and a
 *     prefix belongs to the last peer that names it
 */
public record WgConfig(InterfaceConfig device, List<PeerConfig> peers) {
  public WgConfig {
    peers = List.copyOf(peers);
  }

  /** Whether somebody who reads the text, but no file that it names, could pose as this endpoint. */
  public boolean holdsSecrets() {
    return (device.privateKey().isPresent() && device.privateKeyFile().isEmpty())
        || peers.stream().anyMatch(peer -> peer.presharedKey().isPresent() && peer.presharedKeyFile().isEmpty());
  }
}
