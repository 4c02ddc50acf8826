package dev.jwg.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is logged: it goes to the standard error output. */
public final class Stderr {

  /** Something that logs. */
  public interface Action {
    void run() throws Exception;
  }

  private Stderr() {}

  /** The lines that {@code action} logs. */
  public static List<String> of(Action action) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      System.setErr(before);
    }
    return captured.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
