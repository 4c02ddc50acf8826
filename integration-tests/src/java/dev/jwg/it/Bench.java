package dev.jwg.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Measures jwg and wireguard-go in turns, each at both ends of a tunnel between two hosts on this machine, and prints
 * medians and ratios. Started by {@code integration-tests/bench}.
 */
final class Bench {
  private static final int WAITS = 3;

  private Bench() {}

  /** Takes ROUNDS SECONDS FOLDER and, for each further column, NAME=JAVA_HOME[,FLAG...]. */
  public static void main(String[] args) throws IOException {
    int rounds = Integer.parseInt(args[0]);
    int seconds = Integer.parseInt(args[1]);
    Path folder = Path.of(args[2]);
    List<BenchImplementation> implementations = new ArrayList<>();
    for (String column : List.of(args).subList(3, args.length)) {
      implementations.add(implementation(column));
    }
    implementations.add(BenchImplementation.wireguardGo());
    BenchReport report = new BenchReport(implementations.stream().map(BenchImplementation::name).toList());
    for (int round = 1; round <= rounds; round++) {
      for (BenchImplementation implementation : implementations) {
        System.out.println("round " + round + " of " + rounds + ": " + implementation.name());
        Map<String, Double> measured = measure(implementation, seconds);
        System.out.println("  " + measured);
        report.add(round, implementation.name(), measured);
      }
      Collections.reverse(implementations); // what the machine does slower later, it does so to all
    }
    String machine = machine(rounds);
    System.out.println("\n" + machine + "\n\n" + report.table());
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("bench.md"), machine + "\n\n" + report.table());
    Files.writeString(folder.resolve("bench.csv"), report.csv());
    Files.writeString(folder.resolve("bench.svg"), report.svg(machine));
    System.out.println("written to " + folder + ": bench.md, bench.csv, bench.svg");
  }

  private static BenchImplementation implementation(String column) {
    String[] parts = column.split("=", 2);
    List<String> java = List.of(parts[1].split(","));
    return BenchImplementation.jwg(parts[0], Path.of(java.get(0)), java.subList(1, java.size()));
  }

  private static Map<String, Double> measure(BenchImplementation implementation, int seconds) {
    double[] starts = new double[WAITS];
    for (int i = 0; i < starts.length; i++) {
      try (BenchTunnel tunnel = new BenchTunnel(implementation)) {
        starts[i] = tunnel.secondsToFirstPing();
      }
    }
    try (BenchTunnel tunnel = new BenchTunnel(implementation)) {
      tunnel.start();
      Map<String, Double> results = new BenchWorkload(tunnel, seconds).measure();
      results.put("first ping", BenchWorkload.median(starts));
      return results;
    }
  }

  private static String machine(int rounds) throws IOException {
    String cpu = Files.readString(Path.of("/proc/cpuinfo")).lines().filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst(".*: ", "")).findFirst().orElse("unknown CPU");
    return "%s, %d cores, Linux %s, %s; medians of %d rounds".formatted(
        cpu, Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"),
        java.time.LocalDate.now(java.time.ZoneOffset.UTC), rounds);
  }
}
