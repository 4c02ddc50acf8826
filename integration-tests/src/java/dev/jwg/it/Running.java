package dev.jwg.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A process in the background, whose output is kept. */
final class Running implements AutoCloseable {
  private static final Duration DEATH = Duration.ofSeconds(10);

  private final List<String> command;
  private final Process process;
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Thread reader = new Thread(this::readOutput, "output");

  /** Starts the program; {@code command} is what failures call it, without the words that enter a namespace. */
  Running(List<String> command, ProcessBuilder program) {
    this(command, () -> program.redirectErrorStream(true).start());
  }

  /** Starts the program on a machine. */
  Running(List<String> command, Machine machine, List<String> program) {
    this(command, () -> machine.start(program));
  }

  private Running(List<String> command, Start start) {
    this.command = command;
    try {
      process = start.process();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reader.setDaemon(true);
    reader.start();
  }

  private void readOutput() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("(output lost: " + e.getMessage() + ")");
    }
  }

  String output() {
    return String.join("\n", lines);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns once a line of the output matches; fails at once when the process ends without one. */
  void awaitLine(String regex, Duration limit) {
    Pattern pattern = Pattern.compile(regex);
    Await.until("'" + this + "' prints " + regex, limit, () -> {
      boolean ended = !process.isAlive() && !reader.isAlive();
      boolean found = lines.stream().anyMatch(pattern.asPredicate());
      if (ended && !found) {
        throw new AssertionError("ended without a line that matches " + regex + ": " + awaitExit(DEATH));
      }
      return found;
    });
  }

  /** Signals the program itself, not the one that entered its namespaces. */
  void signal(String name) {
    if (process instanceof GuestProcess inGuest) {
      inGuest.signal(name);
    } else {
      Lab.command("kill", "-" + name, Long.toString(pid()));
    }
  }

  /** The number, on this machine, of the program itself: the one that entered a host's namespaces is its parent. */
  long pid() {
    Await.until("'" + this + "' has started", DEATH, () -> process.children().findFirst().isPresent());
    return process.children().findFirst().orElseThrow().pid();
  }

  /** Closes the process's standard input, which some take as their order to end. */
  void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(String input) {
    try (var writer = process.outputWriter(StandardCharsets.UTF_8)) {
      writer.write(input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns once the process has ended; fails if that takes longer than the limit, {@linkplain Await stretched}. */
  Result awaitExit(Duration limit) {
    Duration stretched = Await.stretched(limit);
    try {
      if (!process.waitFor(stretched.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + stretched.toMillis() + " ms: " + this + "\n" + output());
      }
      // A child left in the background may hold the output open; what is there by then has to do.
      reader.join(1000);
      return new Result(command, process.exitValue(), output());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the test's time was up while running " + this + "\n" + output(), e);
    }
  }

  /** Returns once the process has ended; fails if neither its output nor the progress has changed for {@code stall}. */
  Result awaitExit(Duration stall, Supplier<String> progress) {
    Await.progress("'" + this + "' ends", stall, () -> lines.size() + " lines, " + progress.get(), () -> !isAlive());
    return awaitExit(stall);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    Await.until("'" + this + "' is gone", DEATH, () -> !process.isAlive());
  }

  private interface Start {
    Process process() throws IOException;
  }

  @Override
  public String toString() {
    return String.join(" ", command);
  }
}
