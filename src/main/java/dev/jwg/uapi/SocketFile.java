package dev.jwg.uapi;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The name under which clients find the socket. The socket is bound under a name in a private directory and moved here
 * when it can answer: so it is never open to others, and never here without a server. Not thread-safe.
 */
public final class SocketFile {
  /** Where {@code wg} and every program like us looks; {@code /var/run} is {@code /run}. */
  public static final Path DIRECTORY = Path.of("/var/run/wireguard");

  private final Path directory;
  private Path path;
  private final Object inode;

  private SocketFile(Path directory, String name, Object inode) {
    this.directory = directory;
    this.path = path(directory, name);
    this.inode = inode;
  }

  /** The socket file of the interface {@code name}. */
  public static Path path(Path directory, String name) {
    return directory.resolve(name + ".sock");
  }

  /**
   * Removes a socket on which nobody answers any more, as {@code wg} does too.
   *
   * @return whether there was one
   */
  public static boolean removeStale(Path directory, String name) throws IOException {
    Path path = path(directory, name);
    boolean isSocket =
        Files.exists(path, LinkOption.NOFOLLOW_LINKS)
            && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
    return isSocket && !isAnswered(path) && Files.deleteIfExists(path);
  }

  /** Makes the directory, for us alone, unless there is one. */
  static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /**
   * Fails if another program answers on the socket; one that nobody answers on may be replaced.
   *
   * @throws IOException with the reason for a person
   */
  static void requireFree(Path path, String name) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
      throw new IOException(name + ": cannot make the UAPI socket: " + path + " is not a socket: remove it");
    }
    if (isAnswered(path)) {
      throw new IOException(name + ": already in use: another program answers on " + path);
    }
  }

  /** True if a program listens; it need not be quick. */
  static boolean isAnswered(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false); // its queue may be full
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException refused) {
      return false;
    }
  }

  /** Moves the listening socket {@code bound} to its name in {@code directory}, replacing what is there. */
  static SocketFile publish(Path bound, Path directory, String name) throws IOException {
    Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
    Object inode = inode(bound).orElseThrow(() -> new NoSuchFileException(bound.toString()));
    SocketFile file = new SocketFile(directory, name, inode);
    Files.move(bound, file.path, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  /**
   * Moves the file to the name of a renamed interface. Clients find it under one of the two names at any moment.
   *
   * @throws IOException another program answers there, or the file cannot be moved; it stays
   */
  void rename(String name) throws IOException {
    Path renamed = path(directory, name);
    if (renamed.equals(path) || !isOurs()) {
      return;
    }
    requireFree(renamed, name);
    Files.move(path, renamed, StandardCopyOption.ATOMIC_MOVE);
    path = renamed;
  }

  Path directory() {
    return directory;
  }

  /** False once somebody removed the file or put another one in its place. */
  boolean isOurs() {
    return inode(path).filter(inode::equals).isPresent();
  }

  /** Removes the file if it is still ours. */
  void remove() throws IOException {
    if (isOurs()) {
      Files.deleteIfExists(path);
    }
  }

  private static Optional<Object> inode(Path path) {
    try {
      return Optional.ofNullable(
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
