package dev.jwg.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Another process that holds a lock and ends as an endpoint does: when its UAPI socket file goes, or on SIGTERM. It is a
 * stand-in whose socket is an ordinary file.
 */
public final class LockHolder implements AutoCloseable {
  /** Keeps an empty argument from being lost and any character from depending on the locale. */
  private static final String HEX = "hex:";

  /** Of no process that a test could hurt. */
  private static final long ELSEWHERE = ProcessHandle.current().pid();

  private final Process process;

  private LockHolder(Process process) {
    this.process = process;
  }

  /** Starts one and waits until it holds the lock. */
  public static LockHolder start(Path directory, String name, String configuration) throws IOException {
    return start(directory, name, configuration, "");
  }

  /** Starts one that ends when {@code socket} is removed; it lets go only then or when killed. */
  public static LockHolder start(Path directory, String name, String configuration, String socket)
      throws IOException {
    return start(directory, name, configuration, socket, "here");
  }

  /** As if in another container: its record names a process that is not to be seen here. */
  public static LockHolder startElsewhere(Path directory, String name, String socket) throws IOException {
    return start(directory, name, "", socket, "elsewhere");
  }

  private static LockHolder start(Path directory, String name, String configuration, String socket, String where)
      throws IOException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp", System.getProperty("java.class.path"), LockHolder.class.getName(),
            directory.toString(), name, HEX + HexFormat.of().formatHex(configuration.getBytes(StandardCharsets.UTF_8)), socket, where)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"held".equals(out.readLine())) {
      process.destroyForcibly();
      throw new IOException("the other process could not take the lock");
    }
    return new LockHolder(process);
  }

  /** The other process. */
  @SuppressWarnings("try") // the lock is held, not used
  public static void main(String[] args) throws Exception {
    String configuration = new String(HexFormat.of().parseHex(args[2].substring(HEX.length())), StandardCharsets.UTF_8);
    try (InstanceLock lock = args[4].equals("here")
        ? InstanceLock.acquire(Path.of(args[0]), args[1], configuration)
        : InstanceLock.acquire(Path.of(args[0]), args[1], new InstanceLock.Holder(ELSEWHERE, 1, configuration))) {
      System.out.println("held");
      if (args[3].isEmpty()) {
        System.in.read(); // for ever
      }
      while (Files.exists(Path.of(args[3]))) {
        Thread.sleep(5);
      }
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it without any chance to clean up. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
