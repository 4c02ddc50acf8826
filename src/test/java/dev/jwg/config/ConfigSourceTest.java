package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigSourceTest {
  private static final String FIRST = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  private static final String SECOND = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

  @TempDir private Path folder;
  private Path file;
  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void setTheVariablesThatThereMustBe() throws IOException {
    file = folder.resolve("wg0.conf");
    variables.put("JWG_PRIVATE_KEY_FILE", secret("key", FIRST).toString());
    variables.put("JWG_PEER_PUBLIC_KEY", SECOND);
  }

  private Path secret(String name, String text) throws IOException {
    Path made = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
  }

  private ConfigSource source() throws ConfigException {
    return ConfigSource.of(file, variables);
  }

  private String fault() {
    return String.valueOf(assertThrows(ConfigException.class, () -> source().read()).getMessage());
  }

  @Test
  void variablesSayWhatAFileWould() throws Exception {
    secret("psk", SECOND + "\n");
    variables.putAll(
        Map.of(
            "JWG_ADDRESS", "10.8.0.1/24, fd08::1/64",
            "JWG_LISTEN_PORT", "51820",
            "JWG_MTU", "1380",
            "JWG_DNS", "10.8.0.53 example.org",
            "JWG_TABLE", "off",
            "JWG_PEER_ENDPOINT", "vpn.example.org:51820",
            "JWG_PRESHARED_KEY_FILE", "psk",
            "JWG_ALLOWED_IPS", "10.8.0.0/24, fd08::/64",
            "JWG_PERSISTENT_KEEPALIVE", "25"));
    String same = """
        [Interface]
        PrivateKeyFile = %s
        Address = 10.8.0.1/24, fd08::1/64
        ListenPort = 51820
        MTU = 1380
        DNS = 10.8.0.53 example.org
        Table = off
        [Peer]
        PublicKey = %s
        PresharedKeyFile = psk
        Endpoint = vpn.example.org:51820
        AllowedIPs = 10.8.0.0/24, fd08::/64
        PersistentKeepalive = 25
        """.formatted(variables.get("JWG_PRIVATE_KEY_FILE"), SECOND);
    assertEquals(WgConfigParser.parse(file.toString(), same, WgConfigParser.Dialect.WG_QUICK), source().read());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "JWG_ADDRESS              | 10.8.0.1/40 | JWG_ADDRESS: 10.8.0.1/40 is not an address",
      "JWG_ALLOWED_IPS          | 10.8.0.0/x  | JWG_ALLOWED_IPS: 10.8.0.0/x is not a prefix",
      "JWG_PEER_ENDPOINT        | nowhere     | JWG_PEER_ENDPOINT: nowhere is not an endpoint",
      "JWG_PEER_PUBLIC_KEY      | short       | JWG_PEER_PUBLIC_KEY: not a key",
      "JWG_PRIVATE_KEY_FILE     | /nowhere    | JWG_PRIVATE_KEY_FILE: /nowhere: no such file",
      "JWG_MTU                  | 1\u00a03    | JWG_MTU: the character U+00A0",
      "JWG_PERSISTENT_KEEPALIVE | 99999       | JWG_PERSISTENT_KEEPALIVE: 99999 is not an interval",
      "JWG_PRESHARED_KEY        | secret      | JWG_PRESHARED_KEY: the environment is no place for a key",
      "JWG_PEER_PUBLIC_KEY      | ''          | JWG_PEER_PUBLIC_KEY: is not set"
  })
  void aFaultNamesItsVariable(String name, String value, String start) {
    variables.put(name, value);
    String fault = fault();
    assertEquals(start, fault.substring(0, Math.min(start.length(), fault.length())), fault);
  }

  @Test
  void aKeyInAVariableIsRefusedAndNotQuoted() {
    variables.put("JWG_PRIVATE_KEY", FIRST);
    assertEquals(
        "JWG_PRIVATE_KEY: the environment is no place for a key: put it into a file and name that by JWG_PRIVATE_KEY_FILE",
        fault());
  }

  @Test
  void withoutVariablesTheFileMustBeThere() {
    variables.clear();
    variables.put("JWG_LOG_LEVEL", "debug");
    variables.put("JWG_ADDRESS", "");
    assertEquals(file + ": no such file", fault());
  }

  @Test
  void theFileWinsAndVariablesBesideItAreWarnedOf() throws Exception {
    secret("wg0.conf", "[Interface]\nMTU = 1300\n");
    assertEquals(
        List.of("JWG_PEER_PUBLIC_KEY, JWG_PRIVATE_KEY_FILE not used: " + file + " is there"), source().warnings());
    assertEquals(1300, source().read().device().host().mtu().orElseThrow());
  }

  @Test
  void unknownVariablesAreWarnedOfButNotTheOnesThatKubernetesMakesOfServices() throws Exception {
    variables.putAll(
        Map.of(
            "JWG_ADRESS", "10.8.0.1/24",
            "JWG_LOG_LEVEL", "info",
            "JWG_WATCH", "1",
            "JWG_SERVICE_HOST", "10.96.0.7",
            "JWG_SERVICE_PORT_METRICS", "9586",
            "JWG_PORT_51820_UDP", "udp://10.96.0.7:51820",
            "HOME", "/"));
    assertEquals(List.of("JWG_ADRESS: unknown variable, not used"), source().warnings());
  }

  @Test
  void aFileThatGoesDoesNotHandOverToTheVariables() throws Exception {
    secret("wg0.conf", "[Interface]\n");
    ConfigSource source = source();
    Files.delete(file);
    assertEquals(
        file + ": no such file", assertThrows(ConfigException.class, source::read).getMessage());
  }

  @Test
  void keysThatOthersCanReadAreTakenWithOneWarning() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(file, "[Interface]\nPrivateKey = " + FIRST + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    ConfigSource source = source();
    List<String> warnings = Stderr.of(() -> {
      assertEquals(FIRST, source.read().device().privateKey().orElseThrow().toBase64());
      source.read();
    });
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).endsWith(file + ": the keys in it are readable by others: chmod 600 " + file));
  }

  @Test
  void whatHoldsNoKeyMayBeReadByAll() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    secret("wg0.conf", "[Interface]\nPrivateKeyFile = key\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assertEquals(List.of(), Stderr.of(source()::read));
  }

  @Test
  void theFoldersOfTheFileAndOfItsKeysMatter() throws Exception {
    Path other = Files.createDirectory(folder.resolve("keys"));
    secret("keys/psk", SECOND);
    secret("wg0.conf", "[Peer]\nPublicKey = " + FIRST + "\nPresharedKeyFile = keys/psk\n");
    assertEquals(Set.of(folder, other), source().folders(source().read()));
  }
}
