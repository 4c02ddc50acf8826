package dev.jwg.device;

import dev.jwg.crypto.PublicKey;
import dev.jwg.testing.Host;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;

/** Opens a device to see its peers and their sessions, which no caller of production code needs to. */
final class Peers {
  private Peers() {}

  static Peer of(Host host, PublicKey publicKey) {
    Object peer = ((Map<?, ?>) field(host, "peers")).get(publicKey);
    return (Peer) Objects.requireNonNull(peer, "no such peer");
  }

  static HandshakePath handshakesOf(Host host) {
    return (HandshakePath) field(host, "handshakes");
  }

  private static Object field(Host host, String name) {
    try {
      Field field = Device.class.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(host.device());
    } catch (ReflectiveOperationException impossible) {
      throw new LinkageError("Device." + name, impossible);
    }
  }
}
