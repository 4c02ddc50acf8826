package dev.jwg.it;

import java.util.List;
import java.util.Locale;

/** The ratios of a report's metrics that have a goal, as SVG: a bar for each challenger, the goal a line across them. */
final class BenchPlot {
  private static final int WIDTH = 840;
  private static final int LEFT = 250;
  private static final int SCALE_WIDTH = 500;
  private static final int BAR = 13;
  private static final int GAP = 12;

  /** Text, background and bars in both of a reader's colour schemes. */
  private static final String STYLE = """
      <style>
        text { font: 13px sans-serif; fill: #1f2328 }
        .small { font-size: 11px } .bold { font-weight: bold } .end { text-anchor: end } .middle { text-anchor: middle }
        .value { stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
        .paper { fill: #ffffff } .bar0 { fill: #2a6fbb } .bar1 { fill: #8db8e2 } .bar2 { fill: #7a8b99 }
        .even { stroke: #1f2328; stroke-dasharray: 4 3 } .goal { stroke: #c4460f; stroke-width: 2.5 }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 } .value { stroke: #0d1117 } .paper { fill: #0d1117 } .even { stroke: #e6edf3 } .goal { stroke: #ff9a5c }
          .bar0 { fill: #4c9be8 } .bar1 { fill: #25598c } .bar2 { fill: #5d6b78 }
        }
      </style>
      """;

  private final BenchReport report;
  private final StringBuilder shapes = new StringBuilder();

  /** Drawn last, on top of the lines that they meet. */
  private final StringBuilder values = new StringBuilder();

  private double scale;
  private int y;

  BenchPlot(BenchReport report) {
    this.report = report;
  }

  /** The text says on what machine and when. */
  String svg(String machine) {
    List<BenchMetric> shown = BenchMetric.ALL.stream().filter(metric -> metric.goal() != 0).toList();
    scale = SCALE_WIDTH / Math.ceil(shown.stream().mapToDouble(this::widest).max().orElseThrow());
    y = 26;
    text(20, "bold", "jwg ÷ " + BenchReport.REFERENCE + ", both ends of a tunnel, single machine");
    legend();
    int top = y;
    group("more is better", shown.stream().filter(BenchMetric::higherIsBetter).toList());
    group("less is better", shown.stream().filter(metric -> !metric.higherIsBetter()).toList());
    line("even", 1, top + 6, y - 6);
    y += 12;
    text(LEFT + (int) scale, "small middle", "1 = " + BenchReport.REFERENCE);
    y += 24;
    text(20, "small", machine);
    y += 14;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">%n%s%s%s%s</svg>%n"
        .formatted(WIDTH, y, WIDTH, y, STYLE, "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", shapes, values);
  }

  private double widest(BenchMetric metric) {
    double ratios = report.challengers().stream().mapToDouble(name -> report.ratio(name, metric)).max().orElseThrow();
    return Math.max(ratios, metric.goal());
  }

  private void legend() {
    y += 24;
    int x = 20;
    for (int i = 0; i < report.challengers().size(); i++) {
      rectangle(i, x, 12);
      text(x + 18, "", report.challengers().get(i));
      x += 34 + 8 * report.challengers().get(i).length();
    }
    shape("<line class=\"goal\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", x + 4, x + 4, y - 12, y + 2);
    text(x + 14, "", "goal");
    y += 4;
  }

  private void group(String title, List<BenchMetric> metrics) {
    y += 24;
    text(20, "small bold", title);
    y += 6;
    metrics.forEach(this::row);
  }

  private void row(BenchMetric metric) {
    List<String> names = report.challengers();
    int top = y;
    for (int i = 0; i < names.size(); i++) {
      double ratio = report.ratio(names.get(i), metric);
      y += BAR;
      rectangle(i, LEFT, ratio * scale);
      values.append(String.format(Locale.ROOT, "<text class=\"small value\" x=\"%.1f\" y=\"%d\">%.2f</text>%n",
          LEFT + ratio * scale + 8, y, ratio));
    }
    line("goal", metric.goal(), top - 2, y + 4);
    int below = y;
    y = (top + y) / 2 + 6;
    text(LEFT - 10, "end", metric.shortTitle());
    y = below + GAP;
  }

  /** Its lower edge is at the height where the text beside it stands. */
  private void rectangle(int bar, int x, double width) {
    shape("<rect class=\"bar%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", bar, x, y - BAR + 2, width, BAR - 1);
  }

  private void line(String style, double ratio, int from, int to) {
    double x = LEFT + ratio * scale;
    shape("<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", style, x, x, from, to);
  }

  private void text(int x, String style, String text) {
    shape("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>", style, x, y, text.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private void shape(String format, Object... values) {
    shapes.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
