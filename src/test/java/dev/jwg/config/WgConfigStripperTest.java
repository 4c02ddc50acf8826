package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WgConfigStripperTest {
  private static final String KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  private static final String TEXT = """
      # A comment with Address = 10.0.0.1

      [Interface] # mine
        address=10.0.0.1/24,fd00::1/64
      PrivateKey = %1$s
      DNS = 10.0.0.53, example.org # servers
      \tListenPort = 51820\t
      PreUp = echo '[Peer]' # still a command
      PostDown =
      mtu = 1400
      TABLE = off
      SaveConfig = false

      [Peer]
      PublicKey = %1$s
      AllowedIPs = 10.0.0.0/8, # none
       # Address = in a comment
      [Interface]
      PostUp = true
      FwMark = 0x10\r
      """.formatted(KEY);

  @Test
  void onlyLinesOfWgQuickGo() throws ConfigException {
    assertEquals("""
        # A comment with Address = 10.0.0.1

        [Interface] # mine
        PrivateKey = %s
        ListenPort = 51820

        """.formatted(KEY), WgConfigStripper.strip("wg0.conf", TEXT.substring(0, TEXT.indexOf("\n[Peer]")), KeyOrigins.unwarned()));
  }

  @Test
  void whatIsLeftIsWhatWgQuickPrints(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/wg-quick")), "needs wg-quick");
    assumeTrue("root".equals(System.getProperty("user.name")), "wg-quick needs root");
    for (String text : new String[] {TEXT, TEXT.strip(), "", "[Interface]", "[Interface]\nMTU = 1400", "\n\n"}) {
      assertEquals(wgQuickStrip(folder, text), WgConfigStripper.strip("wg0.conf", text, KeyOrigins.unwarned()), text);
    }
  }

  private static String wgQuickStrip(Path folder, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("wg0.conf"), text);
    Process process = new ProcessBuilder("wg-quick", "strip", file.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
