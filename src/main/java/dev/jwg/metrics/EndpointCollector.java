package dev.jwg.metrics;

import dev.jwg.device.DeviceStatistics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks the endpoint for its state when Prometheus asks: nothing is kept for it meanwhile. The control thread only copies
 * numbers; all text is made on the thread that serves the scrape.
 */
final class EndpointCollector implements MultiCollector {
  private final Supplier<Optional<Watched>> endpoint;

  EndpointCollector(Supplier<Optional<Watched>> endpoint) {
    this.endpoint = endpoint;
  }

  @Override
  public MetricSnapshots collect() {
    return endpoint.get().map(EndpointCollector::collect).orElseGet(MetricSnapshots::new);
  }

  private static MetricSnapshots collect(Watched endpoint) {
    List<MetricSnapshot> metrics = new ArrayList<>();
    Labels device = Labels.of("interface", endpoint.name());
    boolean up = false;
    try {
      DeviceStatistics statistics = endpoint.statistics();
      up = statistics.up();
      addDevice(metrics, statistics, device);
      PeerSeries peers = new PeerSeries();
      statistics.peers().forEach(peer -> peers.add(endpoint.name(), peer));
      metrics.addAll(peers.snapshots());
    } catch (IOException stuck) {
      // Not up is what there is to tell of it; /livez says why.
    }
    metrics.add(gauge("jwg_interface_up", "1 if the interface is up and listens", up ? 1 : 0, device));
    metrics.add(drops(endpoint, device));
    return new MetricSnapshots(metrics);
  }

  private static void addDevice(List<MetricSnapshot> metrics, DeviceStatistics statistics, Labels device) {
    metrics.add(gauge("jwg_peers", "Peers configured", statistics.peers().size(), device));
    metrics.add(
        gauge("jwg_handshake_queue_messages", "Handshake messages that wait", statistics.queuedHandshakes(), device));
    metrics.add(
        gauge("jwg_staged_packets", "Packets that wait for a session", statistics.stagedPackets(), device));
    Series lostMarks =
        new Series.Counter(
            "jwg_congestion_marks_lost",
            "Packets delivered without the path's congestion mark (CE), since they are not ECN-capable");
    lostMarks.add(statistics.lostCongestionMarks(), device);
    metrics.add(lostMarks.snapshot());
  }

  private static MetricSnapshot gauge(String name, String help, long value, Labels labels) {
    Series gauge = new Series.Gauge(name, help);
    gauge.add(value, labels);
    return gauge.snapshot();
  }

  private static MetricSnapshot drops(Watched endpoint, Labels device) {
    Series drops = new Series.Counter("jwg_drops", "Packets, datagrams and handshake messages dropped, by reason");
    endpoint.drops().forEach((reason, count) -> drops.add(count, device.add("reason", reason)));
    return drops.snapshot();
  }
}
