package dev.jwg.it;

import java.util.List;

/**
 * A row of the results.
 *
 * @param key what {@link BenchWorkload} calls it
 * @param title what the reader calls it, with its unit
 * @param higherIsBetter whether the goal is a least or a greatest ratio
 * @param goal the ratio to wireguard-go that jwg is after, on JDK 25; 0 for none
 */
record BenchMetric(String key, String title, boolean higherIsBetter, double goal) {

  static final List<BenchMetric> ALL = List.of(
      new BenchMetric("tcp 1", "TCP, one stream, Gbit/s", true, 1.5),
      new BenchMetric("tcp 4", "TCP, four streams, Gbit/s", true, 1.5),
      new BenchMetric("tcp both", "TCP, both directions at once, Gbit/s", true, 1.5),
      new BenchMetric("udp 64", "UDP, 64 bytes, thousand delivered a second", true, 2.5),
      new BenchMetric("udp 1372", "UDP, 1372 bytes, Gbit/s with < 1 % lost", true, 1.2),
      new BenchMetric("cpu", "CPU per packet and endpoint, µs", false, 0.65),
      new BenchMetric("ping idle", "ping, idle, ms (median)", false, 1),
      new BenchMetric("ping loaded", "ping beside one stream, ms (median)", false, 1),
      new BenchMetric("memory", "peak resident memory, MiB", false, 0.5),
      new BenchMetric("first ping", "from start to first ping, s", false, 0),
      new BenchMetric("start cpu", "CPU from start to first ping, s", false, 0),
      new BenchMetric("warm-up", "until 90 % of full throughput, s", false, 0));

  /** The title without its unit. */
  String shortTitle() {
    return title.replaceAll(", (Gbit/s|µs|ms|MiB|s$|thousand).*", "");
  }

  boolean isMet(double ratio) {
    return higherIsBetter ? ratio >= goal : ratio <= goal;
  }
}
