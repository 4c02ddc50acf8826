package dev.jwg.host;

import dev.jwg.net.IpAddress;

/**
 * An address of an interface.
 *
 * @param local the host's own address
 * @param peer the other end of a point-to-point address; otherwise the same as {@code local}
 * @param prefixLength of the network that {@code peer} is in
 */
public record InterfaceAddress(IpAddress local, IpAddress peer, int prefixLength) {

  public InterfaceAddress(IpAddress local, int prefixLength) {
    this(local, local, prefixLength);
  }

  /** As ip-address(8) takes it: {@code 10.0.0.1/24}, {@code 10.0.0.1 peer 10.0.0.2/32}. */
  @Override
  public String toString() {
    String peerText = local.equals(peer) ? "" : " peer " + peer;
    return local + peerText + "/" + prefixLength;
  }
}
