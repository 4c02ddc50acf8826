package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.WgConfigParser.Dialect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@code corpus.txt}, whose head explains it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {
  private static final String FILE = "wg0.conf";

  private Services services = new Services(Path.of("/nonexistent"));

  @BeforeAll
  void listServices(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("services");
    Files.writeString(file, "# names\ntelnet 23/tcp\ndomain\t53/tcp\ndomain 53/udp nameserver # DNS\n");
    services = new Services(file);
  }

  record Case(Dialect dialect, String name, String text, String verdict, String printed) {
    @Override
    public String toString() {
      return dialect + ": " + name;
    }
  }

  static List<Case> cases() throws IOException {
    try (InputStream in = Objects.requireNonNull(CorpusTest.class.getResourceAsStream("/config/corpus.txt"))) {
      String corpus = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<Case> cases = new ArrayList<>();
      for (String entry : corpus.substring(corpus.indexOf("\n===")).split("\n===", -1)) {
        if (!entry.isEmpty()) {
          cases.add(read(entry));
        }
      }
      return cases;
    }
  }

  private static Case read(String entry) {
    String[] title = entry.substring(0, entry.indexOf('\n')).split("\\|", 2);
    int verdict = entry.indexOf("\n---");
    int verdictEnd = entry.indexOf('\n', verdict + 1);
    return new Case(
        title[0].trim().startsWith("wg-quick") ? Dialect.WG_QUICK : Dialect.WG,
        title[1].trim(),
        expand(entry.substring(entry.indexOf('\n'), Math.max(verdict, entry.indexOf('\n') + 1)).substring(1)),
        entry.substring(verdict + 4, verdictEnd < 0 ? entry.length() : verdictEnd).trim(),
        verdictEnd < 0 ? "" : expand(entry.substring(verdictEnd + 1)) + "\n");
  }

  private static String expand(String text) {
    return text
        .replace("{K1}", key(1)).replace("{K2}", key(2)).replace("{K3}", key(3))
        .replace("{CR}", "\r").replace("{TAB}", "\t").replace("{NUL}", "\0").replace("{ESC}", "\u001b")
        .replace("{BOM}", "\ufeff").replace("{NBSP}", "\u00a0").replace("{BAD}", "\ufffd");
  }

  private static String key(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    return Base64.getEncoder().encodeToString(bytes);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judgesAsTheCorpusSays(Case given) throws ConfigException {
    if (given.verdict.equals("ok")) {
      WgConfig config = WgConfigParser.parse(FILE, given.text, given.dialect, services);
      assertEquals(given.printed, WgConfigPrinter.print(config));
      assertEquals(config, WgConfigParser.parse(FILE, given.printed, given.dialect, services));
    } else {
      ConfigException fault = assertThrows(
          ConfigException.class, () -> WgConfigParser.parse(FILE, given.text, given.dialect, services));
      assertEquals(FILE + ":" + given.verdict, fault.getMessage());
    }
  }

  @Test
  void theCorpusIsLarge() throws IOException {
    assertTrue(cases().size() > 100, cases().size() + " cases");
  }
}
