package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our key commands and those of the stock {@code wg}, on the same input. */
class KeysAgainstWgTest {
  private static final Pattern KEY_LINE = Pattern.compile("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\n");

  private record Outcome(int status, String out) {}

  @BeforeEach
  void needWg() {
    assumeTrue(Wg.isUsable(), "the stock wg is not installed");
  }

  private static Outcome wg(String command, String input) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("wg", command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return new Outcome(process.waitFor(), out);
  }

  private static Outcome jwg(String command, String input) {
    InputStream in = System.in;
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.US_ASCII)));
    System.setOut(new PrintStream(printed, true, StandardCharsets.US_ASCII));
    System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    try {
      int status = Main.commandLine(command).execute(command);
      return new Outcome(status, printed.toString(StandardCharsets.US_ASCII));
    } finally {
      System.setIn(in);
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void pubkeyIsThatOfWgForAnyKeyAndForWhatIsNone() throws Exception {
    String key = wg("genkey", "").out();
    List<String> inputs =
        new ArrayList<>(List.of(key, key.strip(), key + " \n\n", key + "x", "", "\n", "short\n", key.substring(1)));
    Random random = new Random(3);
    for (int i = 0; i < 10; i++) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      inputs.add(Base64.getEncoder().encodeToString(bytes) + "\n");
    }
    for (String input : inputs) {
      assertEquals(wg("pubkey", input), jwg("pubkey", input), "input \"" + input + "\"");
    }
  }

  @Test
  void eachTakesTheOthersKeys() throws Exception {
    for (String command : new String[] {"genkey", "genpsk"}) {
      Outcome ours = jwg(command, "");
      assertEquals(0, ours.status());
      assertTrue(KEY_LINE.matcher(ours.out()).matches(), command);
      assertTrue(KEY_LINE.matcher(wg(command, "").out()).matches(), command);
    }
    assertEquals(0, wg("pubkey", jwg("genkey", "").out()).status());
  }
}
