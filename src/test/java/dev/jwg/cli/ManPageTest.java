package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class ManPageTest {
  @Test
  void theManPageNamesEveryCommandAndOption() throws IOException {
    String page = Files.readString(Path.of("conf", "jwg.1")).replace("\\-", "-");
    for (CommandLine command : Main.commandLine().getSubcommands().values()) {
      String name = command.getCommandName();
      assertTrue(Pattern.compile("(?m)^\\.BI? " + name + "\\b").matcher(page).find(), name);
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertTrue(page.contains(option.longestName()), name + " " + option.longestName());
      }
    }
  }

  @Test
  void completionKnowsEveryCommand() {
    StringWriter script = new StringWriter();
    CommandLine jwg = Main.commandLine("generate-completion");
    jwg.setOut(new PrintWriter(script));
    jwg.execute("generate-completion");
    for (String name : jwg.getSubcommands().keySet()) {
      if (!name.equals("generate-completion")) {
        assertTrue(script.toString().contains("_picocli_jwg_" + name + "()"), name);
      }
    }
  }
}
