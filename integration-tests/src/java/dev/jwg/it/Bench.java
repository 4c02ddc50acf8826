package dev.jwg.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Measures jwg and wireguard-go in turns, each at both ends of a tunnel between two hosts on this machine, and prints
 * medians and ratios. Started by {@code integration-tests/bench}.
 */
final class Bench {
  private static final int WAITS = 3;

  /** Of a round that was broken off, to stop what it started. */
  private static final long CLEAN_UP_MS = 10_000;

  private Bench() {}

  /** Takes ROUNDS SECONDS FOLDER and, for each further column, NAME=JAVA_HOME[,FLAG...]. */
  public static void main(String[] args) throws IOException {
    cleanUpWhenBrokenOff(Thread.currentThread());
    int rounds = Integer.parseInt(args[0]);
    int seconds = Integer.parseInt(args[1]);
    Path folder = Path.of(args[2]);
    List<BenchImplementation> implementations = new ArrayList<>();
    for (String column : List.of(args).subList(3, args.length)) {
      implementations.add(implementation(column));
    }
    implementations.add(BenchImplementation.wireguardGo());
    BenchReport report = new BenchReport(implementations.stream().map(BenchImplementation::name).toList());
    String machine = BenchMachine.description() + "; medians of " + rounds + (rounds == 1 ? " round" : " rounds");
    System.out.println(machine);
    try {
      measure(implementations, rounds, seconds, report);
    } catch (AssertionError e) {
      System.err.println("bench: " + e.getMessage());
      Runtime.getRuntime().halt(1); // all is closed; an exit would wait for the hook, which waits for us
    }
    System.out.println("\n" + machine + "\n\n" + report.table());
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("bench.md"), machine + "\n\n" + report.table());
    Files.writeString(folder.resolve("bench.csv"), report.csv());
    Files.writeString(folder.resolve("bench.svg"), new BenchPlot(report).svg(machine));
    System.out.println("written to " + folder + ": bench.md, bench.csv, bench.svg");
  }

  /** Interrupts the measurement, whose waits then end by an error that closes what it has open. */
  private static void cleanUpWhenBrokenOff(Thread measuring) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      measuring.interrupt();
      try {
        measuring.join(CLEAN_UP_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }));
  }

  private static void measure(
      List<BenchImplementation> implementations, int rounds, int seconds, BenchReport report) {
    List<BenchImplementation> order = new ArrayList<>(implementations);
    for (int round = 1; round <= rounds; round++) {
      for (BenchImplementation implementation : order) {
        System.out.println("round " + round + " of " + rounds + ": " + implementation.name());
        report.add(round, implementation.name(), measure(implementation, seconds));
      }
      Collections.reverse(order); // what the machine does slower later, it does so to all
    }
  }

  private static BenchImplementation implementation(String column) {
    String[] parts = column.split("=", 2);
    List<String> java = List.of(parts[1].split(","));
    return BenchImplementation.jwg(parts[0], Path.of(java.get(0)), java.subList(1, java.size()));
  }

  private static Map<String, Double> measure(BenchImplementation implementation, int seconds) {
    double[] starts = new double[WAITS];
    double[] startsCpu = new double[WAITS];
    for (int i = 0; i < starts.length; i++) {
      BenchTunnel.FirstPing first = on(implementation, BenchTunnel::firstPing);
      starts[i] = first.seconds();
      startsCpu[i] = first.cpuSeconds();
    }
    return on(implementation, tunnel -> {
      tunnel.start();
      BenchWorkload workload = new BenchWorkload(tunnel, seconds);
      workload.result("first ping", BenchWorkload.median(starts));
      workload.result("start cpu", BenchWorkload.median(startsCpu));
      return workload.measure();
    });
  }

  /** Measures something on a fresh tunnel; what its programs printed helps the reader of a failure. */
  private static <T> T on(BenchImplementation implementation, Function<BenchTunnel, T> measurement) {
    try (BenchTunnel tunnel = new BenchTunnel(implementation)) {
      try {
        return measurement.apply(tunnel);
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + tunnel.logs(), e);
      }
    }
  }
}
