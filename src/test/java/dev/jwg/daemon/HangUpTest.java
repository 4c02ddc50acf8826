package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a JVM of its own to signal; {@code setsid} gives it no terminal, {@code script} one that goes. */
@Timeout(60)
final class HangUpTest {
  private static final String JVM = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** Says which of the two meanings each signal had. */
  static final class Listener {
    private Listener() {}

    public static void main(String[] arguments) throws InterruptedException {
      HangUp.handle(() -> System.out.println("reload"), () -> System.out.println("terminal gone"));
      System.out.println(ProcessHandle.current().pid());
      Thread.currentThread().join();
    }
  }

  private static List<String> listener() {
    return List.of(JVM, "-Xshare:auto", "-cp", System.getProperty("java.class.path"), Listener.class.getName());
  }

  @Test
  void hangUpMeansReloadEachTimeItComes() throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP", "setsid", "--wait"));
    command.addAll(listener());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader output = process.inputReader()) {
      String pid = output.readLine();
      for (int signal = 0; signal < 2; signal++) {
        assertEquals(0, new ProcessBuilder("kill", "-HUP", pid).start().waitFor());
        assertEquals("reload", output.readLine());
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
