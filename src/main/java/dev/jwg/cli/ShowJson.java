package dev.jwg.cli;

import dev.jwg.crypto.X25519;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Interfaces as JSON (RFC 8259), under the names that wireguard-tools' {@code wg-json} gives: by interface, peers by
 * public key. Numbers and lists are always there, 0 for off and never; text only where there is some.
 */
final class ShowJson {
  private static final String HIDDEN = "(hidden)";
  private static final String INDENT = "  ";

  private final boolean showKeys;

  /** Text that shows secret keys, or only tells that they are there. */
  ShowJson(boolean showKeys) {
    this.showKeys = showKeys;
  }

  String text(Map<String, DeviceState> interfaces) {
    Map<String, String> members = new LinkedHashMap<>();
    interfaces.forEach((name, state) -> members.put(name, device(state)));
    return object(members) + "\n";
  }

  private String device(DeviceState state) {
    Map<String, String> members = new LinkedHashMap<>();
    state.privateKey().ifPresent(key -> {
      members.put("privateKey", secret(key.toBase64()));
      members.put("publicKey", quote(X25519.publicKey(key).toBase64()));
    });
    members.put("listenPort", Integer.toString(state.listenPort()));
    members.put("fwmark", Integer.toUnsignedString(state.fwmark()));
    Map<String, String> peers = new LinkedHashMap<>();
    state.peers().forEach(peer -> peers.put(peer.publicKey().toBase64(), peer(peer)));
    members.put("peers", object(peers));
    return object(members);
  }

  private String peer(PeerState peer) {
    Map<String, String> members = new LinkedHashMap<>();
    peer.presharedKey().ifPresent(key -> members.put("presharedKey", secret(key.toBase64())));
    peer.endpoint().ifPresent(endpoint -> members.put("endpoint", quote(EndpointText.of(endpoint))));
    members.put("latestHandshake", Long.toString(peer.lastHandshake().map(Instant::getEpochSecond).orElse(0L)));
    members.put("transferRx", Long.toUnsignedString(peer.receivedBytes()));
    members.put("transferTx", Long.toUnsignedString(peer.sentBytes()));
    members.put("persistentKeepalive", Integer.toString(peer.persistentKeepalive()));
    List<String> prefixes = peer.allowedIps().stream().map(prefix -> quote(prefix.toString())).toList();
    members.put("allowedIps", block('[', prefixes, ']'));
    return object(members);
  }

  private String secret(String key) {
    return quote(showKeys ? key : HIDDEN);
  }

  private static String object(Map<String, String> members) {
    List<String> lines = new ArrayList<>();
    members.forEach((name, value) -> lines.add(quote(name) + ": " + value));
    return block('{', lines, '}');
  }

  private static String block(char open, Collection<String> lines, char close) {
    return lines.isEmpty()
        ? "" + open + close
        : lines.stream()
            .map(line -> INDENT + line.replace("\n", "\n" + INDENT))
            .collect(Collectors.joining(",\n", open + "\n", "\n" + close));
  }

  /** Only the zone of an endpoint can hold more than plain ASCII: interfaces have almost any name. */
  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
