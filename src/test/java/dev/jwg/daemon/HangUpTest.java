package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a JVM of its own to signal, which tells through a pipe what each signal meant. */
@Timeout(600)
final class HangUpTest {
  @TempDir private Path folder;
  private String listener;
  private Path pipe;
  private @Nullable Process process;

  /** Says its number, and then which of the two meanings each signal had. */
  static final class Listener {
    private Listener() {}

    public static void main(String[] arguments) throws InterruptedException {
      HangUp.handle(() -> System.out.println("reload"), () -> System.out.println("terminal gone"));
      System.out.println(ProcessHandle.current().pid());
      Thread.currentThread().join();
    }
  }

  @BeforeEach
  void makeThePipe() throws Exception {
    pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    listener = "exec env --default-signal %s -cp '%s' '%s' >%s"
        .formatted(java, System.getProperty("java.class.path"), Listener.class.getName(), pipe);
  }

  private Process start(String... command) throws IOException {
    Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
    process = started;
    return started;
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void meansReloadEachTimeItComesWithoutATerminal() throws Exception {
    start("setsid", "--wait", "sh", "-c", listener);
    try (BufferedReader said = Files.newBufferedReader(pipe)) {
      String pid = said.readLine();
      for (int signal = 0; signal < 2; signal++) {
        hangUp(pid);
        assertEquals("reload", said.readLine());
      }
    }
  }

  @Test
  void meansTheEndOnceTheTerminalIsGoneAndReloadUntilThen() throws Exception {
    Process terminal = start("script", "-q", "-c", listener, "/dev/null");
    try (BufferedReader said = Files.newBufferedReader(pipe)) {
      String pid = said.readLine();
      assertNotNull(pid);
      hangUp(pid);
      assertEquals("reload", said.readLine());
      terminal.destroyForcibly();
      assertEquals("terminal gone", said.readLine());
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly); // nobody's child by now
    }
  }

  private static void hangUp(String pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-HUP", pid).start().waitFor());
  }
}
