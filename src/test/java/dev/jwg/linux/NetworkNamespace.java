package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace for one test, with a thread that lives in it; closing removes it. */
public final class NetworkNamespace implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000; // linux/sched.h
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final String name = "jwg-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
  private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));

  /** Makes the namespace; skips the test where that is not allowed. */
  public NetworkNamespace() throws Exception {
    Result added = execute(List.of("ip", "netns", "add", name));
    assumeTrue(added.status == 0, () -> "needs root to make network namespaces: " + added.output);
    run(this::enter);
    ip("link set lo up");
  }

  private int enter() throws IOException {
    int fd = Libc.open("/var/run/netns/" + name, 0, 0);
    if (fd < 0 || Libc.setns(fd, CLONE_NEWNET) < 0) {
      throw new SystemCallException("setns " + name, Libc.errno());
    }
    return Libc.close(fd);
  }

  public String name() {
    return name;
  }

  /** Runs on the namespace's thread; what it throws is thrown here. */
  public <T> T run(Callable<T> action) throws Exception {
    try {
      return thread.submit(action).get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** {@code ip -n NAME arguments}, words separated by spaces; returns what it printed. */
  public String ip(String arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "-n", name));
    command.addAll(List.of(arguments.split(" ", -1)));
    return exec(command);
  }

  /** The index of an interface. */
  public int indexOf(String device) throws IOException {
    String shown = ip("-o link show dev " + device);
    return Integer.parseInt(shown.substring(0, shown.indexOf(':')));
  }

  /** Runs a command within the namespace, words separated by spaces. */
  public String exec(String arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name));
    command.addAll(List.of(arguments.split(" ", -1)));
    return exec(command);
  }

  private record Result(int status, String output) {}

  private static String exec(List<String> command) throws IOException {
    Result result = execute(command);
    assertEquals(0, result.status, () -> String.join(" ", command) + ": " + result.output);
    return result.output;
  }

  private static Result execute(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.onExit().join().exitValue(), output);
  }

  @Override
  public void close() throws IOException {
    thread.shutdownNow();
    exec(List.of("ip", "netns", "delete", name));
  }
}
