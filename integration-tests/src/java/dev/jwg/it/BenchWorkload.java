package dev.jwg.it;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is measured on a warm tunnel, by iperf3 and ping. */
final class BenchWorkload {
  /** A full TCP segment inside: 1420 less 20 + 20 bytes of headers and 12 of the timestamp option. */
  private static final int SEGMENT = 1368;

  /**
   * Each kind of traffic passes for so many seconds before it is measured: a JVM compiles what it has not met yet. How long
   * that takes is the warm-up's own figure.
   */
  private static final int BEFOREHAND = 4;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern ROUND_TRIP = Pattern.compile("time=([0-9.]+) ms");
  private static final double MOST_LOSS = 0.01;
  private static final int BISECTIONS = 7;

  private final BenchTunnel tunnel;
  private final int seconds;
  private final Map<String, Double> results = new TreeMap<>();

  BenchWorkload(BenchTunnel tunnel, int seconds) {
    this.tunnel = tunnel;
    this.seconds = seconds;
  }

  /** Notes a value that was measured, and shows it. */
  void result(String metric, double value) {
    results.put(metric, value);
    System.out.printf(Locale.ROOT, "  %s: %.3f%n", metric, value);
  }

  /** All of it, by the names of {@link BenchMetric}. */
  Map<String, Double> measure() {
    tunnel.server().start("iperf3", "--server", "--bind", BenchTunnel.SERVER);
    Await.until("iperf3 listens", LIMIT, () -> tunnel.server().run("bash", "-c", "ss -tln | grep -q :5201").succeeded());
    result("warm-up", warmUp());
    result("ping idle", medianRoundTrip());
    tcpStream();
    result("tcp 4", tcp("-P 4", ".end.sum_received.bits_per_second") / 1e9);
    result("tcp both", tcp("--bidir",
        ".end.sum_received.bits_per_second + .end.sum_received_bidir_reverse.bits_per_second") / 1e9);
    smallPackets();
    result("udp 1372", goodput());
    result("memory", tunnel.peakMemory());
    return results;
  }

  /** One stream, with what it costs and what it does to a ping beside it. */
  private void tcpStream() {
    iperf("-t " + BEFOREHAND, "0");
    double cpuBefore = tunnel.cpuSeconds();
    Running pings = tunnel.client().start("ping", "-n", "-i", "0.05", BenchTunnel.SERVER);
    double bits = tcpNow("", ".end.sum_received.bits_per_second");
    result("ping loaded", median(roundTrips(pings.output())));
    pings.close();
    double packets = bits * seconds / 8 / SEGMENT;
    result("tcp 1", bits / 1e9);
    result("cpu", (tunnel.cpuSeconds() - cpuBefore) / 2 / packets * 1e6);
  }

  private double tcp(String options, String value) {
    iperf(options + " -t " + BEFOREHAND, "0");
    return tcpNow(options, value);
  }

  private double tcpNow(String options, String value) {
    return Double.parseDouble(iperf(options + " -t " + seconds, value));
  }

  /** iperf3 puts its errors into the JSON text, and only warnings elsewhere. */
  private String iperf(String options, String value) {
    Result result = tunnel.client().runFor(LIMIT, "bash", "-c",
        "set -o pipefail; iperf3 --client " + BenchTunnel.SERVER + " -J " + options + " 2>/dev/null"
            + " | jq -er 'if .error then error(.error) else " + value + " end'");
    return result.orFail();
  }

  /** Seconds until 0.5 s of one stream reach nine tenths of what it settles at. */
  private double warmUp() {
    double[] intervals = iperf("-t 10 -i 0.25", ".intervals[].sum.bits_per_second").lines()
        .mapToDouble(Double::parseDouble).toArray();
    double settled = median(Arrays.copyOfRange(intervals, intervals.length / 2, intervals.length));
    for (int i = 0; i + 1 < intervals.length; i++) {
      if (intervals[i] >= 0.9 * settled && intervals[i + 1] >= 0.9 * settled) {
        return (i + 1) * 0.25;
      }
    }
    return intervals.length * 0.25;
  }

  private double medianRoundTrip() {
    return median(roundTrips(tunnel.client().ok("ping", "-n", "-i", "0.01", "-c", "300", BenchTunnel.SERVER)));
  }

  private static double[] roundTrips(String output) {
    return ROUND_TRIP.matcher(output).results().mapToDouble(m -> Double.parseDouble(m.group(1))).toArray();
  }

  /**
   * Thousands of UDP packets of 64 bytes of payload that arrive in a second, of as many as iperf3 can send in the processor
   * time that the tunnel leaves it.
   */
  private void smallPackets() {
    iperf("-u -l 64 -b 0 -t " + BEFOREHAND, "0");
    double[] packets = iperf("-u -l 64 -b 0 -t " + seconds,
        ".end | .sum_sent.bytes / 64 / .sum_sent.seconds, .sum_received.bytes / 64 / .sum_received.seconds")
            .lines().mapToDouble(Double::parseDouble).toArray();
    result("udp 64 sent", packets[0] / 1e3);
    result("udp 64", packets[1] / 1e3);
  }

  /** The highest rate, in Gbit/s, that UDP packets of 1372 bytes arrive at with less than one per cent lost. */
  private double goodput() {
    iperf("-u -l 1372 -b 500M -t " + BEFOREHAND, "0");
    double good = 0;
    double low = 0.05e9;
    double high = 8e9;
    for (int i = 0; i < BISECTIONS; i++) {
      double rate = Math.sqrt(low * high);
      double[] outcome = iperf("-u -l 1372 -t 2 -b " + (long) rate,
          ".end | .sum.lost_percent / 100, .sum_received.bits_per_second")
              .lines().mapToDouble(Double::parseDouble).toArray();
      if (outcome[0] < MOST_LOSS) {
        good = Math.max(good, outcome[1]);
        low = rate;
      } else {
        high = rate;
      }
    }
    return good / 1e9;
  }

  static double median(double[] values) {
    if (values.length == 0) {
      throw new AssertionError("nothing was measured");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
