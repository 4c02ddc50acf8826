package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.KeyLog;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyLogFileTest {
  private static final PrivateKey OURS = PrivateKey.parseHex("01".repeat(32));
  private static final PublicKey THEIRS = PublicKey.parseHex("02".repeat(32));
  private static final PrivateKey EPHEMERAL = PrivateKey.parseHex("03".repeat(32));
  private static final PresharedKey PRESHARED = PresharedKey.parseHex("04".repeat(32));

  private static final String WITHOUT_PRESHARED_KEY = """
      LOCAL_STATIC_PRIVATE_KEY = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=
      REMOTE_STATIC_PUBLIC_KEY = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=
      LOCAL_EPHEMERAL_PRIVATE_KEY = AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
      """;

  private static final String WITH_PRESHARED_KEY =
      WITHOUT_PRESHARED_KEY + "PRESHARED_KEY = BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=\n";

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("keys");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private Path existing(String mode) throws IOException {
    Path file = Files.writeString(file(), "# mine\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void eachHandshakeIsABlockOfLinesOfWhichThePresharedKeyIsTheLast() throws Exception {
    try (KeyLogFile log = KeyLogFile.open(file())) {
      log.handshake(OURS, THEIRS, EPHEMERAL, PRESHARED);
      log.handshake(OURS, THEIRS, EPHEMERAL, PresharedKey.none());
      assertEquals(WITH_PRESHARED_KEY + WITHOUT_PRESHARED_KEY, Files.readString(file()), "before it is closed");
    }
    assertEquals("rw-------", mode(file()));
  }

  @Test
  void aFileOfOurOwnIsAppendedTo() throws Exception {
    existing("rw-------");
    try (KeyLogFile log = KeyLogFile.open(file())) {
      log.handshake(OURS, THEIRS, EPHEMERAL, PRESHARED);
    }
    assertEquals("# mine\n" + WITH_PRESHARED_KEY, Files.readString(file()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw--w----", "rw-----w-", "rw----r--"})
  void aFileThatOthersMayOpenIsRefusedAndStaysAsItIs(String mode) throws Exception {
    existing(mode);
    assertRefused("other users could read the keys in it: remove it or chmod 600 " + file());
    assertEquals(mode, mode(file()));
    assertEquals("# mine\n", Files.readString(file()));
  }

  @Test
  void aFileOfAnotherUserIsRefused() throws Exception {
    existing("rw-------");
    assumeTrue(Files.getOwner(file()).getName().equals("root"), "only root can give a file away");
    Files.setAttribute(file(), "unix:uid", 65534);
    assertRefused("belongs to nobody");
  }

  @Test
  void aLinkIsNotFollowed() throws Exception {
    Path target = folder.resolve("target");
    Files.createSymbolicLink(file(), target);
    assertRefused("is a link");
    assertFalse(Files.exists(target));
    Files.createFile(target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    assertRefused("is a link");
  }

  @Test
  void whatIsNoFileIsRefused() throws Exception {
    Files.createDirectory(file());
    assertRefused("no file at all");
  }

  @Test
  void aFolderThatDoesNotExistIsNotMade() {
    assertThrows(NoSuchFileException.class, () -> KeyLogFile.open(folder.resolve("none/keys")));
  }

  private void assertRefused(String reason) {
    String message = assertThrows(IOException.class, () -> KeyLogFile.open(file())).getMessage();
    assertTrue(String.valueOf(message).startsWith(file() + ": "), message);
    assertTrue(String.valueOf(message).contains(reason), message);
  }

  @Test
  void aFailureToWriteIsToldOnceAndNoHandshakeSuffers() throws Exception {
    Path full = Path.of("/dev/full");
    try (KeyLogFile file = new KeyLogFile(full, FileChannel.open(full, StandardOpenOption.WRITE))) {
      KeyLog log = file;
      List<String> lines = Stderr.of(() -> {
        log.handshake(OURS, THEIRS, EPHEMERAL, PRESHARED);
        log.handshake(OURS, THEIRS, EPHEMERAL, PRESHARED);
      });
      assertEquals(1, lines.size(), lines.toString());
      assertTrue(lines.get(0).contains("/dev/full: no more keys are written to it: No space left"), lines.get(0));
      assertFalse(lines.get(0).contains("AQEB"), lines.get(0));
    }
  }
}
