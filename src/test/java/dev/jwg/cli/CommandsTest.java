package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.ConfigException;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import dev.jwg.daemon.EndpointOptions;
import dev.jwg.log.LogFormat;
import dev.jwg.log.LogLevel;
import dev.jwg.log.LogSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {
  private static final String KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int jwg(String... arguments) {
    return Main.commandLine(arguments)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "up", "create", "down", "save", "strip",
    "show", "showconf", "set", "setconf", "addconf", "syncconf", "genkey", "genpsk", "pubkey"
  })
  void everyCommandExplainsItselfAndItsVersion(String command) {
    String[] prefix = command.isEmpty() ? new String[0] : new String[] {command};
    for (String option : new String[] {"--help", "-h", "--version", "-V"}) {
      assertEquals(0, jwg(prefix.length == 0 ? new String[] {option} : new String[] {command, option}));
    }
    assertTrue(out.toString().startsWith("Usage: jwg"), out.toString());
    assertTrue(out.toString().contains("\njwg "), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void wrongUseIsOneLineAndStatusOne() {
    for (String[] wrong : new String[][] {
      {}, {"bogus"}, {"genkey", "x"}, {"show", "wg0", "bogus"}, {"show", "interfaces", "peers"}, {"show", "a", "peers", "c"},
        {"save"}, {"strip", "a", "b"},
      {"show", "--json", "wg0", "peers"}, {"show", "--json", "interfaces"}, {"showconf"}, {"showconf", "wg0", "wg1"},
      {"set"}, {"set", "wg0"}, {"setconf", "wg0"}, {"addconf"}, {"syncconf", "wg0", "file", "x"},
      {"down"}, {"down", "--timeout", "x", "wg0"}
    }) {
      err.getBuffer().setLength(0);
      assertEquals(1, jwg(wrong), String.join(" ", wrong));
      assertTrue(err.toString().matches("jwg: [^\n]+: see `jwg( [a-z]+)? --help`\n"), err.toString());
    }
  }

  @Test
  void keysAreNewAndClampedAsThoseOfWg() {
    assertEquals(0, jwg("genkey"));
    assertEquals(0, jwg("genkey"));
    String[] keys = out.toString().split("\n", -1);
    assertFalse(keys[0].equals(keys[1]));
    byte[] key = PrivateKey.parseBase64(keys[0]).toBytes();
    assertEquals(0, key[0] & 7);
    assertEquals(0x40, key[31] & 0xc0);
  }

  @Test
  void aPresharedKeyIsPrintedAsOneLineOfBase64() {
    assertEquals(0, jwg("genpsk"));
    assertTrue(out.toString().matches("[A-Za-z0-9+/]{43}=\n"), out.toString());
  }

  @Test
  void aKeyOnStdinMayBeFollowedByWhiteSpaceOnly() throws Exception {
    for (String good : new String[] {KEY, KEY + "\n", KEY + " \t\r\n\n"}) {
      assertEquals("pOCSkrZRwni5dyxWn1+puxPZBrRqtoyd+dwrRAn4ogk=", X25519.publicKey(read(good)).toBase64());
    }
    for (String bad : new String[] {"", "\n", "abc", " " + KEY, KEY + "x", KEY + "\n#", KEY.replace('=', '*')}) {
      ConfigException refusal = assertThrows(ConfigException.class, () -> read(bad));
      assertTrue(String.valueOf(refusal.getMessage()).startsWith("stdin: "), bad);
      assertFalse(String.valueOf(refusal.getMessage()).contains("AQEB"), bad);
    }
  }

  private static PrivateKey read(String text) throws Exception {
    return PubKey.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void onlyAFileThatOthersMayOpenIsWorthAWarning(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("key"));
    for (String mode : new String[] {"rw-r--r--", "rw-----w-", "rw------x"}) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      assertTrue(KeyOutput.isWorldAccessible(file), mode);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    assertFalse(KeyOutput.isWorldAccessible(file));
    assertFalse(KeyOutput.isWorldAccessible(Path.of("/dev/null")), "not a file");
  }

  @Test
  void theLogLevelIsTheFlagThenOurVariableThenThatOfWireguardGo() {
    Map<String, String> both = Map.of("JWG_LOG_LEVEL", "warn", "LOG_LEVEL", "verbose");
    assertEquals(LogLevel.TRACE, level(both, "--log-level", "trace"));
    assertEquals(LogLevel.WARN, level(both));
    assertEquals(LogLevel.DEBUG, level(Map.of("LOG_LEVEL", "verbose")));
    assertEquals(LogLevel.OFF, level(Map.of("LOG_LEVEL", "silent")));
    assertEquals(LogLevel.ERROR, level(Map.of("JWG_LOG_LEVEL", "bogus", "LOG_LEVEL", "error")));
    assertEquals(LogLevel.INFO, level(Map.of()));
  }

  @CommandLine.Command
  static final class Serving {
    @CommandLine.Mixin private final ServeOptions options = new ServeOptions();
  }

  @Test
  void keysAreLoggedOnlyForWhoAsksForIt() throws ConfigException {
    for (String[] arguments : new String[][] {{}, {"--detach", "--log-file", "x"}}) {
      assertEquals(Optional.empty(), keyLog(arguments));
    }
    assertEquals(Optional.of(Path.of("keys")), keyLog("--key-log", "keys"));
  }

  private static Optional<Path> keyLog(String... arguments) throws ConfigException {
    return serving(arguments).endpoint().keyLog();
  }

  private static ServeOptions serving(String... arguments) {
    Serving command = new Serving();
    new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return command.options;
  }

  @Test
  void theNumberOfShardsIsTheFlagThenOurVariableThenTheMachines() throws ConfigException {
    assertEquals(3, serving("--shards", "3").shards(Map.of("JWG_SHARDS", "2")));
    assertEquals(2, serving().shards(Map.of("JWG_SHARDS", "2")));
    assertEquals(EndpointOptions.defaultShards(), serving().shards(Map.of("JWG_SHARDS", "")));
    assertEquals(EndpointOptions.defaultShards(), serving().shards(Map.of()));
    for (String wrong : new String[] {"0", "65", "-1", "many"}) {
      ConfigException flag = assertThrows(ConfigException.class, () -> serving("--shards", wrong).shards(Map.of()));
      assertEquals("--shards: is not a number from 1 to 64", flag.getMessage());
      assertThrows(ConfigException.class, () -> serving().shards(Map.of("JWG_SHARDS", wrong)));
    }
  }

  @CommandLine.Command
  static final class Logging {
    @CommandLine.Mixin private final LogOptions options = new LogOptions();
  }

  @Test
  void theLogFormatIsTheFlagThenOurVariable() {
    assertEquals(LogFormat.JSON, settings(Map.of("JWG_LOG_FORMAT", "text"), "--log-format", "json").format());
    assertEquals(LogFormat.JSON, settings(Map.of("JWG_LOG_FORMAT", "JSON")).format());
    assertEquals(LogFormat.TEXT, settings(Map.of("JWG_LOG_FORMAT", "bogus")).format());
    assertEquals(LogFormat.TEXT, settings(Map.of()).format());
  }

  private static LogLevel level(Map<String, String> environment, String... arguments) {
    return settings(environment, arguments).level();
  }

  private static LogSettings settings(Map<String, String> environment, String... arguments) {
    Logging command = new Logging();
    new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return command.options.effective(environment);
  }
}
