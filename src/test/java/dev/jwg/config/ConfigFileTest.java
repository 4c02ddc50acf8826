package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  @TempDir
  private Path directory = Path.of("");

  @Test
  void aNameStandsForAFileInTheDirectory() throws Exception {
    Path file = Files.createFile(directory.resolve("wg0.conf"));
    assertEquals(file, ConfigFile.find("wg0", directory));
    assertEquals(file, ConfigFile.find(file.toString(), Path.of("/nonexistent")));
    assertEquals("wg0", ConfigFile.interfaceName(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a_=+.-9", "123456789012345"})
  void theNamesOfInterfacesAreWide(String name) throws Exception {
    Files.createFile(directory.resolve(name + ".conf"));
    assertEquals(name, ConfigFile.interfaceName(ConfigFile.find(name, directory)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "1234567890123456.conf", "wg 0.conf", "./wg0.txt", "/etc/wireguard", "wg:0", ".conf"})
  void aFileNotNamedAfterAnInterfaceIsRefused(String name) {
    ConfigException fault = assertThrows(ConfigException.class, () -> ConfigFile.find(name, directory));
    assertTrue(fault.getMessage().contains("configuration"), fault.getMessage());
  }

  @Test
  void aNulInANameIsRefused() {
    assertThrows(ConfigException.class, () -> ConfigFile.find("wg\0.conf", directory));
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("wg0.conf");
    ConfigException fault = assertThrows(ConfigException.class, () -> ConfigFile.find("wg0", directory));
    assertEquals(missing + ": no such file", fault.getMessage());
    fault = assertThrows(ConfigException.class, () -> ConfigFile.read(missing));
    assertEquals(missing + ": no such file", fault.getMessage());
  }

  @Test
  void aDirectoryIsNoFile() {
    ConfigException fault = assertThrows(ConfigException.class, () -> ConfigFile.read(directory));
    assertEquals(directory + ": is a directory", fault.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "rw-------, rwxr-xr-x, false",
    "rw-r-----, rwxr-xr-x, false",
    "rw-r--r--, rwxr-xr-x, true",
    "rw-r--r--, rwx--x--x, true",
    "rw-r--r--, rwx------, false",
  })
  void othersNeedBothTheFileAndItsDirectory(String fileMode, String directoryMode, boolean expected) throws Exception {
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Path file = Files.writeString(inner.resolve("wg0.conf"), "[Interface]");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(fileMode));
    Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString(directoryMode));
    assertEquals(expected, ConfigFile.read(file).readableByOthers());
  }

  @Test
  void whatIsNoRegularFileIsReadToo() throws Exception {
    ConfigFile nothing = ConfigFile.read(Path.of("/dev/null"));
    assertEquals("", nothing.text());
    assertFalse(nothing.readableByOthers());
  }

  @Test
  void sixteenMegabytesAreEnough() throws Exception {
    Path file = file(new byte[16 << 20]);
    assertEquals(16 << 20, ConfigFile.read(file).text().length());
    Path larger = file(new byte[(16 << 20) + 1]);
    ConfigException fault = assertThrows(ConfigException.class, () -> ConfigFile.read(larger));
    assertEquals(larger + ": is larger than 16 MB", fault.getMessage());
  }

  @Test
  void bytesThatAreNotUtf8AreMarked() throws Exception {
    assertEquals("# B\ufffdro ü", ConfigFile.read(file(new byte[] {
      '#', ' ', 'B', (byte) 0xfc, 'r', 'o', ' ', (byte) 0xc3, (byte) 0xbc})).text());
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("wg0.conf"), content);
  }
}
