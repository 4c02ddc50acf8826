package dev.jwg.uapi;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.route.AllowedIpChange;
import java.time.Instant;

/** What is written to the socket: keys in the order that {@code wg} and wireguard-go write them. */
final class UapiText {
  static final String GET_REQUEST = "get=1\n\n";
  private static final PresharedKey NO_PRESHARED_KEY = PresharedKey.of(new byte[PresharedKey.LENGTH]);

  private final StringBuilder text = new StringBuilder();

  private UapiText() {}

  /** The first lines of the reply to {@code get=1}. Two are for the health check only: wg passes over unknown keys. */
  static String device(DeviceState state, boolean isStarting, boolean isWithoutPort) {
    UapiText reply = new UapiText();
    state.privateKey().ifPresent(key -> reply.line("private_key", key.toHex()));
    reply.line("listen_port", state.listenPort());
    if (state.fwmark() != 0) {
      reply.line("fwmark", Integer.toUnsignedString(state.fwmark()));
    }
    if (isStarting) {
      reply.line("starting", 1);
    }
    if (isWithoutPort) {
      reply.line("without_port", 1);
    }
    return reply.text.toString();
  }

  /** The lines of one peer in the reply to {@code get=1}. */
  static String peer(PeerState peer) {
    UapiText reply = new UapiText();
    reply.line("public_key", peer.publicKey().toHex());
    reply.line("preshared_key", peer.presharedKey().orElse(NO_PRESHARED_KEY).toHex());
    reply.line("protocol_version", 1);
    peer.endpoint().ifPresent(endpoint -> reply.line("endpoint", endpoint));
    Instant handshake = peer.lastHandshake().orElse(Instant.EPOCH);
    reply.line("last_handshake_time_sec", handshake.getEpochSecond());
    reply.line("last_handshake_time_nsec", handshake.getNano());
    reply.line("tx_bytes", Long.toUnsignedString(peer.sentBytes()));
    reply.line("rx_bytes", Long.toUnsignedString(peer.receivedBytes()));
    reply.line("persistent_keepalive_interval", peer.persistentKeepalive());
    peer.allowedIps().forEach(prefix -> reply.line("allowed_ip", prefix));
    return reply.text.toString();
  }

  /** The end of every reply; {@code wg} expects the number negated. */
  static String end(int errno) {
    return "errno=" + -errno + "\n\n";
  }

  /** A whole {@code set=1} request. */
  static String setRequest(DeviceUpdate update) {
    UapiText request = new UapiText();
    request.line("set", 1);
    update.privateKey().ifPresent(key -> request.line("private_key", key.toHex()));
    update.listenPort().ifPresent(port -> request.line("listen_port", port));
    update.fwmark().ifPresent(mark -> request.line("fwmark", Integer.toUnsignedString(mark)));
    request.flag("replace_peers", update.replacePeers());
    update.peers().forEach(request::peerUpdate);
    return request.text.append('\n').toString();
  }

  private void peerUpdate(PeerUpdate peer) {
    line("public_key", peer.publicKey().toHex());
    flag("remove", peer.remove());
    flag("update_only", peer.updateOnly());
    peer.presharedKey().ifPresent(key -> line("preshared_key", key.toHex()));
    peer.endpoint().ifPresent(endpoint -> line("endpoint", endpoint));
    peer.persistentKeepalive().ifPresent(seconds -> line("persistent_keepalive_interval", seconds));
    flag("replace_allowed_ips", peer.replaceAllowedIps());
    peer.allowedIps().forEach(change -> line("allowed_ip", allowedIp(change)));
  }

  private static String allowedIp(AllowedIpChange change) {
    return (change.remove() ? "-" : "") + change.prefix();
  }

  private void flag(String key, boolean on) {
    if (on) {
      line(key, "true");
    }
  }

  private void line(String key, Object value) {
    text.append(key).append('=').append(value).append('\n');
  }
}
