package dev.jwg.cli;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The fields of {@code wg show NAME FIELD}, for scripts: tabs between, one line each (wg(8)). */
enum ShowField {
  PUBLIC_KEY,
  PRIVATE_KEY,
  LISTEN_PORT,
  FWMARK,
  PEERS,
  PRESHARED_KEYS,
  ENDPOINTS,
  ALLOWED_IPS,
  LATEST_HANDSHAKES,
  TRANSFER,
  PERSISTENT_KEEPALIVE,
  DUMP;

  static final String NONE = "(none)";
  private static final String OFF = "off";

  /** The names as typed, for help and completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(ShowField::typed).iterator();
    }
  }

  static ShowField named(String name, CommandLine command) {
    return Arrays.stream(values())
        .filter(field -> field.typed().equals(name))
        .findFirst()
        .orElseThrow(() -> new ParameterException(command, "no such field: " + name));
  }

  private String typed() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The field of one interface.
   *
   * @param prefix the interface's name and a tab where all are shown, else empty
   */
  String text(DeviceState state, String prefix) {
    return switch (this) {
      case PUBLIC_KEY -> prefix + publicKey(state) + "\n";
      case PRIVATE_KEY -> prefix + privateKey(state) + "\n";
      case LISTEN_PORT -> prefix + state.listenPort() + "\n";
      case FWMARK -> prefix + fwmark(state) + "\n";
      case PEERS -> perPeer(state, prefix, peer -> "");
      case PRESHARED_KEYS -> perPeer(state, prefix, peer -> "\t" + presharedKey(peer));
      case ENDPOINTS -> perPeer(state, prefix, peer -> "\t" + endpoint(peer));
      case ALLOWED_IPS -> perPeer(state, prefix, peer -> "\t" + allowedIps(peer, " "));
      case LATEST_HANDSHAKES -> perPeer(state, prefix, peer -> "\t" + latestHandshake(peer));
      case TRANSFER -> perPeer(state, prefix, peer -> "\t" + transfer(peer));
      case PERSISTENT_KEEPALIVE -> perPeer(state, prefix, peer -> "\t" + persistentKeepalive(peer));
      case DUMP -> dump(state, prefix);
    };
  }

  private static String dump(DeviceState state, String prefix) {
    String device = String.join("\t",
        privateKey(state), publicKey(state), Integer.toString(state.listenPort()), fwmark(state));
    return prefix + device + "\n" + perPeer(state, prefix, peer -> "\t" + String.join("\t",
        presharedKey(peer),
        endpoint(peer),
        allowedIps(peer, ","),
        latestHandshake(peer),
        transfer(peer),
        persistentKeepalive(peer)));
  }

  private static String perPeer(DeviceState state, String prefix, Function<PeerState, String> rest) {
    return state.peers().stream()
        .map(peer -> prefix + peer.publicKey() + rest.apply(peer) + "\n")
        .collect(Collectors.joining());
  }

  private static String publicKey(DeviceState state) {
    return state.privateKey().map(key -> X25519.publicKey(key).toBase64()).orElse(NONE);
  }

  private static String privateKey(DeviceState state) {
    return state.privateKey().map(PrivateKey::toBase64).orElse(NONE);
  }

  private static String fwmark(DeviceState state) {
    return state.fwmark() == 0 ? OFF : "0x" + Integer.toHexString(state.fwmark());
  }

  private static String presharedKey(PeerState peer) {
    return peer.presharedKey().map(key -> key.toBase64()).orElse(NONE);
  }

  private static String endpoint(PeerState peer) {
    return peer.endpoint().map(EndpointText::of).orElse(NONE);
  }

  private static String allowedIps(PeerState peer, String separator) {
    return peer.allowedIps().isEmpty()
        ? NONE
        : peer.allowedIps().stream().map(Object::toString).collect(Collectors.joining(separator));
  }

  private static String latestHandshake(PeerState peer) {
    return Long.toString(peer.lastHandshake().map(Instant::getEpochSecond).orElse(0L));
  }

  private static String transfer(PeerState peer) {
    return Long.toUnsignedString(peer.receivedBytes()) + "\t" + Long.toUnsignedString(peer.sentBytes());
  }

  private static String persistentKeepalive(PeerState peer) {
    return peer.persistentKeepalive() == 0 ? OFF : Integer.toString(peer.persistentKeepalive());
  }
}
