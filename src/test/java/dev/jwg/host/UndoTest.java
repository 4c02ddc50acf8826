package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UndoTest {
  private final List<String> done = new ArrayList<>();
  private final Undo undo = new Undo();

  @Test
  void lastStepIsUndoneFirstAndEachOnce() {
    undo.push("first", () -> done.add("first"));
    undo.push("second", () -> done.add("second"));
    undo.close();
    undo.close();
    assertEquals(List.of("second", "first"), done);
  }

  @Test
  void failedStepIsLoggedInOneLineAndDoesNotStopTheOthers() {
    undo.push("first", () -> done.add("first"));
    undo.push(
        "remove rule",
        () -> {
          throw new IOException("no such rule");
        });
    undo.push(
        "remove route",
        () -> {
          throw new IllegalStateException();
        });
    List<String> logged = Stderr.of(undo::close);
    assertEquals(List.of("first"), done);
    assertEquals(
        List.of("could not remove route: java.lang.IllegalStateException", "could not remove rule: no such rule"),
        logged.stream().map(line -> line.replaceFirst("\\S+ WARN ", "")).toList());
  }
}
