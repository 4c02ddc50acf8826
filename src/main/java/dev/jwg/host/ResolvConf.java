package dev.jwg.host;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /etc/resolv.conf} where no other program looks after it. It is written in place: in a container it is a file
 * mounted by itself, which can be neither renamed nor removed; and its owner, mode and links stay as they are. See
 * {@link ResolvConfText} for how several endpoints share it. A change is made under a lock of the file, so that two
 * endpoints may start at one moment, also in two containers that share the file.
 */
final class ResolvConf {
  private static final Logger log = LoggerFactory.getLogger(ResolvConf.class);

  /** Whatever the encoding of comments is, it is kept. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private static final String MODE = "rw-r--r--"; // every program reads it, whatever our umask

  private static final long POLL_MS = 5;

  /** A jwg holds the lock for milliseconds; any user can hold one that keeps us waiting. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

  private final Path file;

  ResolvConf(Path file) {
    this.file = file;
  }

  /**
   * Makes an endpoint's lines the content; afterwards removes them, and leaves what others wrote since.
   *
   * @param name gives the endpoint's name, which differs once it is {@linkplain #rename renamed}
   * @param isUp tells of another endpoint whether it is up; the lines of one that is not are removed
   */
  void replace(Supplier<String> name, String lines, Predicate<String> isUp, Undo undo) throws IOException {
    undo.push(
        "remove the name servers of " + name.get() + " from " + file,
        () -> change(content -> ResolvConfText.without(name.get(), lines, content)));
    change(
        content -> {
          Optional<String> ofOthers = ResolvConfText.withoutDead(other -> other.equals(name.get()) || !isUp.test(other), content);
          return Optional.of(ResolvConfText.with(name.get(), lines, ofOthers));
        });
  }

  /** Gives an endpoint's lines another name; nobody who is up has that name. */
  void rename(String name, String newName) throws IOException {
    change(
        content -> ResolvConfText.renamed(name, newName, ResolvConfText.withoutDead(newName::equals, content)));
  }

  /**
   * Removes the lines of endpoints that are not up.
   *
   * @return the names of these endpoints
   */
  List<String> removeDead(Predicate<String> isUp) throws IOException {
    if (!Files.isReadable(file)) {
      return List.of();
    }
    List<String> dead =
        ResolvConfText.names(Optional.of(Files.readString(file, BYTES))).stream().filter(isUp.negate()).toList();
    if (!dead.isEmpty()) {
      change(content -> ResolvConfText.withoutDead(dead::contains, content));
    }
    return dead;
  }

  private void change(UnaryOperator<Optional<String>> change) throws IOException {
    while (!tryChange(change)) {
      // Somebody removed or replaced the file while we waited for its lock.
    }
  }

  /** Returns false if the locked file is no longer the one of that name. */
  private boolean tryChange(UnaryOperator<Optional<String>> change) throws IOException {
    boolean existed = Files.exists(file);
    if (!existed && change.apply(Optional.empty()).isEmpty()) {
      return true;
    }
    Optional<Object> expected = inode();
    try (FileChannel channel = open(existed)) {
      expected = expected.or(this::inode); // made just now
      lock(channel);
      if (!inode().equals(expected)) {
        return false;
      }
      String before = read(channel);
      Optional<String> content = before.isEmpty() && !existed ? Optional.empty() : Optional.of(before);
      Optional<String> changed = change.apply(content);
      if (changed.isEmpty()) {
        remove(channel);
      } else if (!changed.equals(content)) {
        write(channel, before, changed.get());
      }
      return true;
    }
  }

  private FileChannel open(boolean exists) throws IOException {
    try {
      if (exists) {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      }
      FileChannel made =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(MODE));
      return made;
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": " + whyMissing(), e);
    } catch (AccessDeniedException e) {
      throw unwritable("permission denied", e);
    } catch (FileSystemException e) {
      throw unwritable(String.valueOf(e.getReason()), e);
    }
  }

  private IOException unwritable(String reason, IOException cause) {
    return new IOException(
        file + ": cannot be written (" + reason + "): make it writable, or remove DNS from the configuration", cause);
  }

  private String whyMissing() throws IOException {
    return Files.isSymbolicLink(file)
        ? "is a link to " + Files.readSymbolicLink(file) + ", whose folder does not exist: start the program that makes"
            + " it, or replace the link with a file"
        : "its folder does not exist";
  }

  private void lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NS;
    FileLock lock = channel.tryLock();
    while (lock == null && deadline - System.nanoTime() > 0) {
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
      lock = channel.tryLock();
    }
    if (lock == null) {
      log.warn("another process has kept {} locked for too long: writing it all the same", file);
    }
  }

  private Optional<Object> inode() {
    try {
      return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (IOException missing) {
      return Optional.empty();
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) channel.size());
    while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
      // Until all of it is there.
    }
    return new String(content.array(), 0, content.position(), BYTES);
  }

  private void remove(FileChannel channel) throws IOException {
    try {
      Files.delete(file.toRealPath());
    } catch (FileSystemException mounted) {
      channel.truncate(0);
    }
  }

  private static void write(FileChannel channel, String before, String after) throws IOException {
    try {
      write(channel, after.getBytes(BYTES), before.length());
    } catch (IOException e) {
      write(channel, before.getBytes(BYTES), before.length());
      throw e;
    }
  }

  /** One write that ends in blank lines where the old content was longer: killed at any moment, no old line is left. */
  private static void write(FileChannel channel, byte[] content, int oldLength) throws IOException {
    byte[] padded = Arrays.copyOf(content, Math.max(content.length, oldLength));
    Arrays.fill(padded, content.length, padded.length, (byte) '\n');
    ByteBuffer rest = ByteBuffer.wrap(padded);
    while (rest.hasRemaining()) {
      channel.write(rest, rest.position());
    }
    channel.truncate(content.length);
  }
}
