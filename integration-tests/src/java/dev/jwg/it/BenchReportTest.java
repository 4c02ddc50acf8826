package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What the benchmark makes of values that are known. */
final class BenchReportTest {
  private final BenchReport report = new BenchReport(List.of("jwg", "wireguard-go"));

  /** A round in which every metric has the same value but one. */
  private void round(int round, String name, String metric, double value) {
    Map<String, Double> measured = new HashMap<>();
    BenchMetric.ALL.forEach(each -> measured.put(each.key(), 2.0));
    measured.put(metric, value);
    report.add(round, name, measured);
  }

  private String row(String title) {
    return report.table().lines().filter(line -> line.startsWith("| " + title)).findFirst().orElseThrow();
  }

  @Test
  void medianIsTheMiddleValueOrBetweenTheMiddleTwo() {
    assertEquals(3, BenchWorkload.median(new double[] {9, 1, 3}));
    assertEquals(2.5, BenchWorkload.median(new double[] {9, 1, 3, 2}));
    assertThrows(AssertionError.class, () -> BenchWorkload.median(new double[0]));
  }

  @Test
  void aRatioIsThatOfTheMediansOfAllRounds() {
    for (int round = 1; round <= 3; round++) {
      round(round, "jwg", "tcp 1", 2 * round);
      round(round, "wireguard-go", "tcp 1", round == 2 ? 100 : round);
    }
    // 2, 4, 6 against 1, 3, 100.
    assertEquals("| TCP, one stream, Gbit/s | 4.00 | 3.00 | 1.33 | ≥ 1.5 |", row("TCP, one stream"));
  }

  @Test
  void aGoalThatIsMetIsMarkedWhicheverWayIsBetter() {
    round(1, "jwg", "tcp 1", 3);
    round(1, "wireguard-go", "memory", 4);
    assertEquals("| TCP, one stream, Gbit/s | 3.00 | 2.00 | **1.50** | ≥ 1.5 |", row("TCP, one stream"));
    assertEquals("| peak resident memory, MiB | 2.00 | 4.00 | **0.50** | ≤ 0.5 |", row("peak resident"));
    assertEquals("| CPU per packet and endpoint, µs | 2.00 | 2.00 | 1.00 | ≤ 0.65 |", row("CPU per packet"));
    assertEquals("| from start to first ping, s | 2.00 | 2.00 | 1.00 |  |", row("from start"));
  }

  @Test
  void csvHasEveryValueOfEveryRound() {
    report.add(1, "jwg", Map.of("tcp 1", 1.5));
    report.add(2, "wireguard-go", Map.of("udp 64 sent", 250.25));
    assertEquals("""
        round,implementation,metric,value
        1,jwg,tcp 1,1.5
        2,wireguard-go,udp 64 sent,250.25
        """, report.csv());
  }

  @Test
  void aMetricThatWasNotMeasuredIsAnError() {
    report.add(1, "jwg", Map.of("tcp 1", 1.5));
    assertThrows(AssertionError.class, report::table);
  }

  @Test
  void plotHasABarForEachRatioAndALineForEachGoal() throws Exception {
    round(1, "jwg", "tcp 1", 5);
    round(1, "wireguard-go", "tcp 4", 8);
    Document plot = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
        new InputSource(new StringReader(new BenchPlot(report).svg("a <machine> & its date"))));
    long goals = BenchMetric.ALL.stream().filter(metric -> metric.goal() != 0).count();
    List<Element> bars = elements(plot, "rect", "bar0");
    assertEquals(goals, bars.size() - 1, "one more is in the legend");
    assertEquals(goals, elements(plot, "line", "goal").size() - 1, "one more is in the legend");
    double even = number(bars.get(3), "width"); // both directions at once: 1
    assertEquals(2.5 * even, number(bars.get(1), "width"), 0.2);
    assertEquals(0.25 * even, number(bars.get(2), "width"), 0.2);
    assertEquals(number(bars.get(3), "x") + even, number(elements(plot, "line", "even").get(0), "x1"), 0.2);
    assertTrue(plot.getDocumentElement().getTextContent().contains("a <machine> & its date"));
    assertNotEquals(0, number(plot.getDocumentElement(), "height"));
  }

  private static List<Element> elements(Document plot, String name, String style) {
    List<Element> found = new ArrayList<>();
    NodeList all = plot.getElementsByTagName(name);
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      if (element.getAttribute("class").equals(style)) {
        found.add(element);
      }
    }
    return found;
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
