package dev.jwg.it;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A container of the engine, by its name. */
record Container(String name) {
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** Runs a docker command to its end. */
  static Result docker(String... arguments) {
    List<String> command = Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList();
    return new Running(command, new ProcessBuilder(command)).awaitExit(Duration.ofSeconds(90));
  }

  Result run(String... command) {
    return docker(exec(command).toArray(String[]::new));
  }

  String ok(String... command) {
    return run(command).orFail();
  }

  /** Starts a command in it that runs until it ends itself, the container does, or the result is closed. */
  Running start(String... command) {
    List<String> words = new ArrayList<>(List.of("docker"));
    words.addAll(exec(command));
    return new Running(List.of(command), new ProcessBuilder(words));
  }

  private List<String> exec(String... command) {
    List<String> words = new ArrayList<>(List.of("exec", name));
    words.addAll(List.of(command));
    return words;
  }

  String log() {
    return docker("logs", name).orFail();
  }

  void awaitLog(String regex) {
    Pattern pattern = Pattern.compile(regex);
    Await.until(name + " logs " + regex, LIMIT, () -> {
      String log = log();
      boolean found = pattern.matcher(log).find();
      if (!found && !isRunning()) {
        throw new AssertionError(name + " ended with " + exitStatus() + ": " + log);
      }
      return found;
    });
  }

  boolean isRunning() {
    return inspect("{{.State.Running}}").equals("true");
  }

  int exitStatus() {
    return Integer.parseInt(inspect("{{.State.ExitCode}}"));
  }

  /** Returns the exit status once it has ended. */
  int awaitEnd() {
    Await.until(name + " ends", LIMIT, () -> !isRunning());
    return exitStatus();
  }

  void kill() {
    docker("kill", "--signal", "KILL", name).orFail();
    awaitEnd();
  }

  void restart() {
    docker("start", name).orFail();
  }

  /** Stops it as an orchestrator does, with more patience before it is killed; returns how long that took. */
  Duration stop() {
    long start = System.nanoTime();
    docker("stop", "--time", "60", name).orFail();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** From the start of its process until it logged a line. */
  Duration timeTo(String regex) {
    Matcher line = Pattern.compile("(?m)^(\\S+) .*" + regex).matcher(docker("logs", "--timestamps", name).orFail());
    if (!line.find()) {
      throw new AssertionError("no line that matches " + regex);
    }
    return Duration.between(Instant.parse(inspect("{{.State.StartedAt}}")), Instant.parse(line.group(1)));
  }

  /** Memory in use as the engine counts it: without what could be read from files again. */
  double memoryMiB() {
    String usage = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", name).orFail();
    Matcher mebibytes = Pattern.compile("^([0-9.]+)MiB").matcher(usage);
    if (!mebibytes.find()) {
      throw new AssertionError("not a number of MiB: " + usage);
    }
    return Double.parseDouble(mebibytes.group(1));
  }

  String inspect(String format) {
    return docker("inspect", "--format", format, name).orFail();
  }

  @Override
  public String toString() {
    return name;
  }
}
