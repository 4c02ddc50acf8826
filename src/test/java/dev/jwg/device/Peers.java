package dev.jwg.device;

import dev.jwg.crypto.PublicKey;
import dev.jwg.testing.Host;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;

/** Opens a device to see the sessions of its peers, which no caller of production code needs to. */
final class Peers {
  private Peers() {}

  static Peer of(Host host, PublicKey publicKey) {
    try {
      Field peers = Device.class.getDeclaredField("peers");
      peers.setAccessible(true);
      Object peer = ((Map<?, ?>) peers.get(host.device())).get(publicKey);
      return (Peer) Objects.requireNonNull(peer, "no such peer");
    } catch (ReflectiveOperationException impossible) {
      throw new LinkageError("Device.peers", impossible);
    }
  }
}
