package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SaveAndStripTest {
  @TempDir private Path folder;
  private Path file;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("wg0.conf");
  }

  private int run(Object command) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler((failed, line, result) -> Failure.execution(failed, line))
        .execute(file.toString());
  }

  @Test
  void stripPrintsWhatWgTakes() throws Exception {
    Files.writeString(file, "[Interface]\nAddress = 10.0.0.1/24\nListenPort = 7");
    assertEquals(0, run(new Strip()));
    assertEquals("[Interface]\nListenPort = 7\n\n", out.toString());
  }

  @Test
  void stripOfAWrongFileNamesTheLineAndPrintsNothing() throws Exception {
    Files.writeString(file, "[Interface]\nListenPort = 7\nMTU = big\n");
    assertEquals(1, run(new Strip()));
    assertEquals("", out.toString());
    assertTrue(err.toString().matches("jwg: " + file + ":3: MTU: [^\n]+\n"), err.toString());
  }

  @Test
  void saveOfAnInterfaceThatIsNotThereLeavesTheFile() throws Exception {
    Files.writeString(file, "[Interface]\nListenPort = 7\n");
    assertEquals(1, run(new Save(folder)));
    assertTrue(err.toString().matches("jwg: wg0: [^\n]+\n"), err.toString());
    assertEquals("[Interface]\nListenPort = 7\n", Files.readString(file));
  }
}
