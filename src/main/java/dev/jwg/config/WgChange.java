package dev.jwg.config;

import java.util.List;

/**
 * What a command line of {@code wg set} asks for; what is absent stays as it is.
 *
 * @param device its {@code host} is empty
 * @param peers in the order given, in which they are to be applied
 */
public record WgChange(InterfaceConfig device, List<Peer> peers) {
  /**
   * A change to one peer.
   *
   * @param remove whether the peer is to go, whatever else is said of it
   */
  public record Peer(PeerConfig config, boolean remove) {}

  public WgChange {
    peers = List.copyOf(peers);
  }
}
