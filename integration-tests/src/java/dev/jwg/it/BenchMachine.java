package dev.jwg.it;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;

/** What figures were measured on. */
final class BenchMachine {
  /** Of all its processors' time; a machine that nobody uses is below. */
  private static final double BUSY = 0.05;

  private BenchMachine() {}

  /** Processor, cores, kernel and date, and whether something else than we keep it busy, which is sampled here. */
  static String description() {
    return "%s, %d cores, Linux %s, %s%s".formatted(
        processor(), Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"),
        LocalDate.now(ZoneOffset.UTC), warning());
  }

  private static String processor() {
    return Lab.text(Path.of("/proc/cpuinfo")).lines().filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst(".*: ", "")).findFirst().orElse("unknown processor");
  }

  private static String warning() {
    long[] before = times();
    String busiest = Lab.command("bash", "-c", "top -b -d 2 -n 2 | tac | sed '/ PID /q' | tac | head -n 4");
    long[] after = times();
    double all = Arrays.stream(after).sum() - Arrays.stream(before).sum();
    double busy = 1 - (after[3] + after[4] - before[3] - before[4]) / all;
    if (busy < BUSY) {
      return "";
    }
    System.err.printf(Locale.ROOT, "warning: the machine is not idle, so the figures will not be its own: "
        + "%.0f %% of its processors' time is in use. The busiest processes:%n%s%n", busy * 100, busiest);
    return String.format(Locale.ROOT, ", %.0f %% busy with other things at the start", busy * 100);
  }

  /** The first line of /proc/stat, proc_stat(5): of its eight numbers the fourth is idle, the fifth waiting for a disk. */
  private static long[] times() {
    String line = Lab.text(Path.of("/proc/stat")).lines().findFirst().orElseThrow();
    return Arrays.stream(line.split(" +", -1)).skip(1).limit(8).mapToLong(Long::parseLong).toArray();
  }
}
