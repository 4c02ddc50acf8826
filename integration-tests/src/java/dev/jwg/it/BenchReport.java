package dev.jwg.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of all rounds as a table, as CSV and as a plot; wireguard-go is what ratios are to. */
final class BenchReport {
  private static final String REFERENCE = "wireguard-go";

  /** One measured value. */
  private record Value(int round, String implementation, String metric, double value) {}

  private final List<String> implementations;
  private final List<Value> values = new ArrayList<>();

  /** Columns in this order; the reference has to be among them. */
  BenchReport(List<String> implementations) {
    this.implementations = implementations;
  }

  void add(int round, String implementation, Map<String, Double> measured) {
    measured.forEach((metric, value) -> values.add(new Value(round, implementation, metric, value)));
  }

  private double median(String implementation, BenchMetric metric) {
    return BenchWorkload.median(values.stream()
        .filter(v -> v.implementation.equals(implementation) && v.metric.equals(metric.key()))
        .mapToDouble(Value::value).toArray());
  }

  private double ratio(String implementation, BenchMetric metric) {
    return median(implementation, metric) / median(REFERENCE, metric);
  }

  private List<String> challengers() {
    return implementations.stream().filter(name -> !name.equals(REFERENCE)).toList();
  }

  /** Medians, and each program's ratio to wireguard-go with a mark where the goal is met. */
  String table() {
    StringBuilder table = new StringBuilder("| median |");
    StringBuilder rule = new StringBuilder("|---|");
    for (String name : implementations) {
      table.append(' ').append(name).append(" |");
      rule.append("---|");
    }
    for (String name : challengers()) {
      table.append(' ').append(name).append(" ÷ ").append(REFERENCE).append(" |");
      rule.append("---|");
    }
    table.append(" goal |\n").append(rule).append("---|\n");
    for (BenchMetric metric : BenchMetric.ALL) {
      table.append("| ").append(metric.title()).append(" |");
      implementations.forEach(name -> table.append(' ').append(significant(median(name, metric))).append(" |"));
      challengers().forEach(name -> table.append(' ').append(verdict(ratio(name, metric), metric)).append(" |"));
      table.append(' ').append(goal(metric)).append(" |\n");
    }
    return table.toString();
  }

  private static String verdict(double ratio, BenchMetric metric) {
    String text = String.format(Locale.ROOT, "%.2f", ratio);
    return metric.goal() != 0 && metric.isMet(ratio) ? "**" + text + "**" : text;
  }

  private static String goal(BenchMetric metric) {
    return metric.goal() == 0 ? "" : (metric.higherIsBetter() ? "≥ " : "≤ ") + metric.goal();
  }

  private static String significant(double value) {
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** Every value of every round. */
  String csv() {
    StringBuilder csv = new StringBuilder("round,implementation,metric,value\n");
    values.forEach(v -> csv.append("%d,%s,%s,%s%n".formatted(v.round, v.implementation, v.metric, v.value)));
    return csv.toString();
  }

  /** A bar per metric with a goal for the first challenger's ratio, the goal a line across it, as SVG. */
  String svg(String machine) {
    List<BenchMetric> shown = BenchMetric.ALL.stream().filter(metric -> metric.goal() != 0).toList();
    String challenger = challengers().get(0);
    double widest = shown.stream().mapToDouble(m -> Math.max(ratio(challenger, m), m.goal())).max().orElseThrow();
    double scale = 400 / widest;
    StringBuilder svg = new StringBuilder();
    int height = 60 + 26 * shown.size();
    svg.append("""
        <svg xmlns="http://www.w3.org/2000/svg" width="780" height="%d" font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="10" y="20" font-weight="bold">%s relative to wireguard-go (the dotted line; short lines are goals)</text>
        """.formatted(height, challenger));
    int y = 36;
    for (BenchMetric metric : shown) {
      double ratio = ratio(challenger, metric);
      svg.append(String.format(Locale.ROOT, """
          <text x="300" y="%d" text-anchor="end">%s</text>
          <rect x="310" y="%d" width="%.1f" height="16" fill="%s"/>
          <line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="black" stroke-width="2"/>
          <text x="%.1f" y="%d">%.2f</text>
          """, y + 13, escaped(name(metric)), y, ratio * scale, metric.isMet(ratio) ? "#3a8f5c" : "#c9803d",
          310 + metric.goal() * scale, 310 + metric.goal() * scale, y - 2, y + 18,
          316 + Math.max(ratio, metric.goal()) * scale, y + 13, ratio));
      y += 26;
    }
    svg.append(String.format(Locale.ROOT, """
        <line x1="%.1f" x2="%.1f" y1="30" y2="%d" stroke="gray" stroke-dasharray="3 3"/>
        <text x="10" y="%d" fill="gray" font-size="11">%s</text>
        </svg>
        """, 310 + scale, 310 + scale, y, height - 8, escaped(machine)));
    return svg.toString();
  }

  private static String name(BenchMetric metric) {
    String better = metric.higherIsBetter() ? " (more is better)" : " (less is better)";
    return metric.title().replaceAll(", (Gbit/s|µs|ms|MiB|thousand).*", "") + better;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
