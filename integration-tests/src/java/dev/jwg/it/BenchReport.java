package dev.jwg.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of all rounds as a table and as CSV; wireguard-go is what ratios are to. */
final class BenchReport {
  static final String REFERENCE = "wireguard-go";

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

  double ratio(String implementation, BenchMetric metric) {
    return median(implementation, metric) / median(REFERENCE, metric);
  }

  /** All but the reference. */
  List<String> challengers() {
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
}
