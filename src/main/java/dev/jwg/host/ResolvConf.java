package dev.jwg.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * {@code /etc/resolv.conf} where no other program looks after it. It is written in place: in a container it is a file
 * mounted by itself, which can be neither renamed nor removed; and its owner, mode and links stay as they are.
 */
final class ResolvConf {
  /** Whatever the encoding of comments is, it is kept. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private static final String MODE = "rw-r--r--"; // every program reads it, whatever our umask

  /** Precedes each line of the former content, which is a comment of ours: it survives kill -9 and power cuts. */
  private static final String KEPT = "#| ";

  private final Path file;
  private final Undo undo;
  private final String title;

  /** The file as written for one interface. */
  ResolvConf(Path file, String interfaceName, Undo undo) {
    this.file = file;
    this.undo = undo;
    title = "# Written by jwg for " + interfaceName + ", which puts back what was here:\n";
  }

  /** Replaces the content; afterwards puts back the former, unless somebody else has written the file since. */
  void replace(String lines) throws IOException {
    if (!Files.exists(file)) {
      create(bytes(title + lines));
      return;
    }
    String found = Files.readString(file, BYTES);
    String before = found.startsWith(title) ? kept(found) : found; // ours: of an endpoint that was killed
    replace(bytes(before), bytes(title + lines + keeping(before)));
  }

  private static String keeping(String before) {
    return before.lines().map(line -> KEPT + line + "\n").collect(Collectors.joining());
  }

  private static String kept(String ours) {
    return ours.lines()
        .filter(line -> line.startsWith(KEPT))
        .map(line -> line.substring(KEPT.length()) + "\n")
        .collect(Collectors.joining());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(BYTES);
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
