package dev.jwg.cli;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.route.IpPrefix;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The text of {@code wg show} for people. */
final class ShowPretty {
  private static final String HIDDEN = "(hidden)";

  private record Unit(String name, long seconds) {}

  private static final List<Unit> TIME_UNITS = List.of(
      new Unit("year", 365L * 24 * 60 * 60),
      new Unit("day", 24L * 60 * 60),
      new Unit("hour", 60L * 60),
      new Unit("minute", 60),
      new Unit("second", 1));

  private static final List<String> SIZE_UNITS = List.of("KiB", "MiB", "GiB", "TiB");

  private final Style style;
  private final boolean showKeys;
  private final Instant now;
  private final StringBuilder text = new StringBuilder();

  /**
   * Text for one interface.
   *
   * @param showKeys whether secret keys are shown
   */
  ShowPretty(Style style, boolean showKeys, Instant now) {
    this.style = style;
    this.showKeys = showKeys;
    this.now = now;
  }

  String text(String name, DeviceState state) {
    text.append(style.interfaceHeading(name)).append('\n');
    state.privateKey().ifPresent(this::keys);
    if (state.listenPort() != 0) {
      line("listening port", state.listenPort());
    }
    if (state.fwmark() != 0) {
      line("fwmark", "0x" + Integer.toHexString(state.fwmark()));
    }
    state.peers().stream().sorted(LATEST_HANDSHAKE_FIRST).forEach(this::peer);
    return text.toString();
  }

  private static final Comparator<PeerState> LATEST_HANDSHAKE_FIRST =
      Comparator.comparing((PeerState peer) -> peer.lastHandshake().orElse(Instant.MIN)).reversed();

  private void keys(PrivateKey key) {
    line("public key", X25519.publicKey(key));
    line("private key", showKeys ? key.toBase64() : HIDDEN);
  }

  private void peer(PeerState peer) {
    text.append('\n').append(style.peerHeading(peer.publicKey().toBase64())).append('\n');
    peer.presharedKey().ifPresent(key -> line("preshared key", showKeys ? key.toBase64() : HIDDEN));
    peer.endpoint().ifPresent(endpoint -> line("endpoint", EndpointText.of(endpoint)));
    line("allowed ips", peer.allowedIps().isEmpty()
        ? ShowField.NONE
        : peer.allowedIps().stream().map(this::prefix).collect(Collectors.joining(", ")));
    peer.lastHandshake().ifPresent(time -> line("latest handshake", ago(time)));
    if (peer.receivedBytes() != 0 || peer.sentBytes() != 0) {
      line("transfer", size(peer.receivedBytes()) + " received, " + size(peer.sentBytes()) + " sent");
    }
    if (peer.persistentKeepalive() != 0) {
      line("persistent keepalive", "every " + duration(peer.persistentKeepalive()));
    }
  }

  private void line(String label, Object value) {
    text.append("  ").append(style.label(label)).append(": ").append(value).append('\n');
  }

  private String prefix(IpPrefix prefix) {
    return prefix.address() + style.unit("/") + prefix.length();
  }

  private String ago(Instant time) {
    long seconds = now.getEpochSecond() - time.getEpochSecond();
    if (seconds == 0) {
      return "Now";
    }
    return seconds < 0
        ? "(" + style.warning("System clock wound backward; connection problems may ensue.") + ")"
        : duration(seconds) + " ago";
  }

  private String duration(long seconds) {
    List<String> parts = new ArrayList<>();
    long left = seconds;
    for (Unit unit : TIME_UNITS) {
      long count = left / unit.seconds;
      left %= unit.seconds;
      if (count != 0) {
        parts.add(count + " " + style.unit(unit.name + (count == 1 ? "" : "s")));
      }
    }
    return String.join(", ", parts);
  }

  private String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " " + style.unit("B");
    }
    double amount = bytes / 1024.0;
    int unit = 0;
    while (amount >= 1024 && unit < SIZE_UNITS.size() - 1) {
      amount /= 1024;
      unit++;
    }
    // printf of C rounds the exact value half to even; Java's rounds half up.
    return new BigDecimal(amount).setScale(2, RoundingMode.HALF_EVEN) + " " + style.unit(SIZE_UNITS.get(unit));
  }
}
