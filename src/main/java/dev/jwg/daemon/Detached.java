package dev.jwg.daemon;

import dev.jwg.linux.Libc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An endpoint that outlives the command that started it. A JVM cannot fork, so the command starts itself a second time,
 * in a session of its own, and waits for its word that all is up.
 */
public final class Detached {
  private static final String MARK = "JWG_DETACHED";
  private static final String READY = "ready";

  private Detached() {}

  /** True in the process that was started to stay. */
  public static boolean isChild() {
    return System.getenv(MARK) != null;
  }

  /**
   * Starts this very command again in the background and waits until it is up or has failed.
   *
   * @param log where it writes its log; what it wrote when it failed is repeated on standard error
   * @return its exit status, or 0 once it is up
   */
  public static int launch(Path log) throws IOException {
    long logged = Files.exists(log) ? Files.size(log) : 0;
    ProcessBuilder again = new ProcessBuilder(ownCommand());
    again.environment().put(MARK, "1");
    again.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    again.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process child = again.start();
    try (BufferedReader words = child.inputReader(StandardCharsets.UTF_8)) {
      if (READY.equals(words.readLine())) {
        return 0;
      }
    }
    int status = awaitEnd(child);
    try (InputStream written = Files.newInputStream(log)) {
      written.skipNBytes(logged);
      written.transferTo(System.err);
    }
    return status == 0 ? 1 : status;
  }

  private static int awaitEnd(Process child) {
    try {
      return child.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /** This process's program and arguments, as the kernel keeps them. */
  private static List<String> ownCommand() throws IOException {
    String[] arguments = Files.readString(Path.of("/proc/self/cmdline")).split("\0", -1);
    List<String> command = new ArrayList<>(List.of(arguments).subList(0, arguments.length - 1));
    command.set(0, Path.of("/proc/self/exe").toRealPath().toString());
    return command;
  }

  /** In the child: leaves the terminal, whose hang-up and interrupts are not for it. */
  public static void leaveTerminal() {
    if (isChild()) {
      Libc.setsid();
    }
  }

  /** In the child: lets the command that waits return. */
  static void tellReady() {
    if (isChild()) {
      System.out.println(READY);
      System.out.close();
    }
  }
}
