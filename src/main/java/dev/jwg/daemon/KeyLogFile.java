package dev.jwg.daemon;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.KeyLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key log in the format of Wireshark's preference {@code wg.keylog_file} (wiki.wireshark.org/WireGuard). The keys of
 * one handshake are all that its decryption takes, whichever side we are; a preshared key belongs to the ephemeral one
 * before it.
 */
final class KeyLogFile implements KeyLog, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeyLogFile.class);

  private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path path;
  private final FileChannel file;
  private boolean failed;

  KeyLogFile(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens a file to append to: a new one that is its owner's alone, or one that already is.
   *
   * @throws IOException with the reason for a person
   */
  static KeyLogFile open(Path path) throws IOException {
    try {
      Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
      return new KeyLogFile(path, FileChannel.open(path, fresh, PRIVATE));
    } catch (FileAlreadyExistsException existing) {
      requirePrivate(path);
      return new KeyLogFile(path, FileChannel.open(path, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS));
    }
  }

  /**
   * Refuses what others can open. To take their permission away would not do: they may have the file open already. Only
   * who can replace our own files in that folder could swap the file after this look at it.
   */
  private static void requirePrivate(Path path) throws IOException {
    PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isRegularFile()) {
      throw new IOException(path + ": is a link or no file at all: keys go to a file only");
    }
    if (!found.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
      throw new IOException(path + ": belongs to " + found.owner() + ", who could read the keys in it: remove it");
    }
    if (!OWNERS.containsAll(found.permissions())) {
      throw new IOException(path + ": other users could read the keys in it: remove it or chmod 600 " + path);
    }
  }

  /** Writes all lines at once: endpoints that share a file do not part a preshared key from its ephemeral one. */
  @Override
  public void handshake(
      PrivateKey localStatic, PublicKey remoteStatic, PrivateKey ephemeral, PresharedKey presharedKey) {
    if (failed) {
      return;
    }
    String lines =
        line("LOCAL_STATIC_PRIVATE_KEY", localStatic.toBase64())
            + line("REMOTE_STATIC_PUBLIC_KEY", remoteStatic.toBase64())
            + line("LOCAL_EPHEMERAL_PRIVATE_KEY", ephemeral.toBase64())
            + (presharedKey.isZero() ? "" : line("PRESHARED_KEY", presharedKey.toBase64()));
    try {
      ByteBuffer rest = StandardCharsets.US_ASCII.encode(lines);
      while (rest.hasRemaining()) {
        file.write(rest);
      }
    } catch (IOException e) {
      failed = true; // what follows half a line would be misread
      log.warn("{}: no more keys are written to it: {}", path, e.getMessage());
    }
  }

  private static String line(String type, String key) {
    return type + " = " + key + "\n";
  }

  /** Closes the file, which stays. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
