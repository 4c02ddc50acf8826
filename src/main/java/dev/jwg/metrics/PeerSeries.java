package dev.jwg.metrics;

import dev.jwg.device.DeviceStatistics.PeerStatistics;
import dev.jwg.device.HandshakeCounts;
import dev.jwg.route.IpPrefix;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What there is to tell of each peer. Names and labels that begin with {@code wireguard_} are those of MindFlavor's
 * prometheus_wireguard_exporter, so that its dashboards work here. No endpoints: one that roams would leave a trail of
 * series.
 */
final class PeerSeries {
  private final Series sentBytes = new Series.Counter("wireguard_sent_bytes", "Bytes sent to the peer");
  private final Series receivedBytes = new Series.Counter("wireguard_received_bytes", "Bytes received from the peer");
  private final Series latestHandshake =
      new Series.Gauge(
          "wireguard_latest_handshake_seconds", "When the latest handshake was completed, in Unix time; 0 for never");
  private final Series sentPackets =
      new Series.Counter("jwg_sent_packets", "WireGuard messages of all kinds sent to the peer");
  private final Series receivedPackets =
      new Series.Counter("jwg_received_packets", "WireGuard messages of all kinds received from the peer, if genuine");
  private final Series attempts =
      new Series.Counter(
          "jwg_handshake_attempts", "Initiations sent (initiator) or answered (responder); absent if there were none");
  private final Series completed =
      new Series.Counter("jwg_handshakes_completed", "Handshakes confirmed by both sides; absent if there were none");
  private final Series failures =
      new Series.Counter("jwg_handshake_failures", "Handshakes that failed, by reason; absent if there were none");
  private final Series rekeys =
      new Series.Counter("jwg_rekeys", "Handshakes completed to follow another, of a peer that had been answering");

  void add(String device, PeerStatistics peer) {
    String key = peer.publicKey().toBase64();
    String prefixes = peer.allowedIps().stream().map(IpPrefix::toString).collect(Collectors.joining(","));
    Labels exporters = Labels.of("interface", device, "public_key", key, "allowed_ips", prefixes);
    sentBytes.add(peer.sent().bytes(), exporters);
    receivedBytes.add(peer.received().bytes(), exporters);
    latestHandshake.add(peer.lastHandshake().map(Instant::getEpochSecond).orElse(0L), exporters);
    Labels ours = Labels.of("interface", device, "public_key", key);
    sentPackets.add(peer.sent().messages(), ours);
    receivedPackets.add(peer.received().messages(), ours);
    addHandshakes(peer.handshakes(), ours);
  }

  private void addHandshakes(HandshakeCounts counts, Labels peer) {
    counts.begun().forEach((role, count) -> attempts.add(count, peer.add("role", text(role))));
    counts.completed().forEach((role, count) -> completed.add(count, peer.add("role", text(role))));
    counts.failed().forEach((reason, count) -> failures.add(count, peer.add("reason", text(reason))));
    rekeys.add(counts.rekeys(), peer);
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  List<MetricSnapshot> snapshots() {
    return List.of(
            sentBytes, receivedBytes, latestHandshake, sentPackets, receivedPackets, attempts, completed, failures, rekeys)
        .stream()
        .map(Series::snapshot)
        .toList();
  }
}
