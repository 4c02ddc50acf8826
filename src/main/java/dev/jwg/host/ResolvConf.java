package dev.jwg.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * {@code /etc/resolv.conf} where no other program looks after it. It is written in place: in a container it is a file
 * mounted by itself, which can be neither renamed nor removed; and its owner, mode and links stay as they are.
 */
final class ResolvConf {
  private static final String MODE = "rw-r--r--"; // every program reads it, whatever our umask

  private final Path file;
  private final Undo undo;

  ResolvConf(Path file, Undo undo) {
    this.file = file;
    this.undo = undo;
  }

  /** Replaces the content; afterwards puts back the former, unless somebody else has written the file since. */
  void replace(String text) throws IOException {
    byte[] ours = text.getBytes(StandardCharsets.UTF_8);
    if (Files.exists(file)) {
      replace(Files.readAllBytes(file), ours);
    } else {
      create(ours);
    }
  }

  private void replace(byte[] before, byte[] ours) throws IOException {
    try {
      write(ours);
    } catch (IOException e) {
      write(before);
      throw e;
    }
    undo.push("put back " + file, () -> {
      if (isStill(ours)) {
        write(before);
      }
    });
  }

  private void create(byte[] ours) throws IOException {
    Files.createFile(file);
    undo.push("remove " + file, () -> {
      if (isStill(ours)) {
        Files.delete(file);
      }
    });
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(MODE));
    write(ours);
  }

  private boolean isStill(byte[] ours) throws IOException {
    return Files.exists(file) && Arrays.equals(Files.readAllBytes(file), ours);
  }

  /** Cut to length last, so that nobody finds the file empty. */
  private void write(byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.truncate(content.length);
    }
  }
}
