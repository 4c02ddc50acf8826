package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.WgConfigParser.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  private static final String FIRST = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  private static final String SECOND = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

  @TempDir private Path folder;
  private Path keys;

  /** Others may pass through the folder, so that the modes of the files in it count. */
  @BeforeEach
  void openTheFolder() throws IOException {
    keys = Files.createDirectory(folder.resolve("my keys"));
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path key(String name, String text, String mode) throws IOException {
    Path file = Files.writeString(keys.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private WgConfig parse(String text, Dialect dialect) throws ConfigException {
    return WgConfigParser.parse(folder.resolve("wg0.conf").toString(), text, dialect);
  }

  private String fault(String text) {
    return String.valueOf(assertThrows(ConfigException.class, () -> parse(text, Dialect.WG_QUICK)).getMessage());
  }

  @Test
  void keysAreReadFromFilesBesideTheConfigurationOrAnywhere() throws Exception {
    key("private", FIRST + "\n", "rw-------");
    Path absolute = key("preshared", " " + SECOND + "\r\n", "rw-r-----");
    String text = "[Interface]\nPrivateKeyFile = my keys/private # not here\n\n[Peer]\nPublicKey = " + FIRST
        + "\nPresharedKeyFile = " + absolute + "\n";
    WgConfig config = parse(text, Dialect.WG_QUICK);
    assertEquals(FIRST, config.device().privateKey().orElseThrow().toBase64());
    assertEquals(SECOND, config.peers().get(0).presharedKey().orElseThrow().toBase64());
    assertFalse(config.holdsSecrets(), "whoever reads the text learns no key");
    assertEquals(text.replace(" # not here", ""), WgConfigPrinter.print(config));
    assertEquals(config, parse(WgConfigPrinter.print(config), Dialect.WG_QUICK));
    assertEquals("[Interface]\nPrivateKey = " + FIRST + "\n\n[Peer]\nPublicKey = " + FIRST + "\nPresharedKey = "
        + SECOND + "\n\n", WgConfigStripper.strip(folder.resolve("wg0.conf").toString(), text, KeyOrigins.unwarned()));
  }

  @Test
  void theLaterOfKeyAndFileCounts() throws Exception {
    key("private", FIRST, "rw-------");
    String file = "PrivateKeyFile = my keys/private\n";
    String inline = "PrivateKey = " + SECOND + "\n";
    WgConfig config = parse("[Interface]\n" + file + inline, Dialect.WG_QUICK);
    assertEquals(SECOND, config.device().privateKey().orElseThrow().toBase64());
    assertTrue(config.holdsSecrets());
    config = parse("[Interface]\n" + inline + file, Dialect.WG_QUICK);
    assertEquals(FIRST, config.device().privateKey().orElseThrow().toBase64());
  }

  @Test
  void whatIsWrongWithAFileIsToldWithItsLineAndWithoutItsContent() throws Exception {
    key("short", "secret", "rw-------");
    String line = folder.resolve("wg0.conf") + ":2: PrivateKeyFile: ";
    assertEquals(line + "has no value", fault("[Interface]\nPrivateKeyFile =\n"));
    assertEquals(line + keys.resolve("none") + ": no such file", fault("[Interface]\nPrivateKeyFile = my keys/none\n"));
    assertEquals(line + keys + ": is a directory", fault("[Interface]\nPrivateKeyFile = my keys\n"));
    assertEquals(line + "not a key: 44 characters of base64 ending in = are expected",
        fault("[Interface]\nPrivateKeyFile = my keys/short\n"));
  }

  @Test
  void aKeyThatOthersCanReadIsWarnedOfOnceAndTaken() throws Exception {
    Path open = key("open", FIRST, "rw-r--r--");
    Path closed = key("closed", SECOND, "rw-r-----");
    String text = "[Interface]\nPrivateKeyFile = my keys/open\n\n[Peer]\nPublicKey = " + FIRST
        + "\nPresharedKeyFile = " + closed + "\n";
    List<String> warnings = new ArrayList<>();
    KeyOrigins origins = new KeyOrigins(warnings::add);
    for (int reading = 0; reading < 3; reading++) {
      WgConfig config =
          WgConfigParser.parse(folder.resolve("wg0.conf").toString(), text, Dialect.WG_QUICK, origins);
      assertEquals(FIRST, config.device().privateKey().orElseThrow().toBase64());
    }
    assertEquals(List.of(open + ": the keys in it are readable by others: chmod 600 " + open), warnings);
  }

  @Test
  void setconfKnowsNoSuchKey() {
    assertThrows(ConfigException.class, () -> parse("[Interface]\nPrivateKeyFile = key\n", Dialect.WG));
  }

  @Test
  void aKeyMayStandInTheEnvironment() throws Exception {
    KeyOrigins origins = KeyOrigins.unwarned();
    Map<String, String> environment = Map.of("WG_KEY", FIRST + "\n");
    assertEquals(FIRST, KeyFile.readBeside("wg0.conf", "${WG_KEY}", origins, environment::get));
    BadValueException missing =
        assertThrows(
            BadValueException.class, () -> KeyFile.readBeside("wg0.conf", "${OTHER}", origins, environment::get));
    assertEquals(Set.of("WG_KEY", "OTHER"), origins.variables());
    assertEquals("${OTHER} is not in the environment", missing.getMessage());
    assertEquals(
        folder.resolve("wg0.conf") + ":2: PrivateKeyFile: ${NO_SUCH_VARIABLE} is not in the environment",
        fault("[Interface]\nPrivateKeyFile = ${NO_SUCH_VARIABLE}\n"));
  }
}
