package dev.jwg.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Held by an endpoint for its whole life: whoever finds it free knows that everything of the last one is undone.
 *
 * <p>Two bytes of {@code NAME.lock} are locked. Byte 0 is the endpoint's life. Byte 1 is a gate that everybody holds
 * for the moment in which they look at byte 0 or change the record behind it, and which everybody waits for. So a look
 * by {@code down}, which must take byte 0 for an instant to see that it is free, never makes a starting {@code up}
 * fail, and nobody reads half a record. The kernel frees both when a process ends, however it ends. The file stays: were
 * it removed, two endpoints could hold two files of the same name.
 *
 * <p>These are locks of the process (fcntl(2)): do not open the file again in the process that holds one.
 */
public final class InstanceLock implements AutoCloseable {
  private static final String SUFFIX = ".lock";
  private static final long LIFE = 0;
  private static final long GATE = 1;
  private static final long RECORD = 2;

  private final FileChannel channel;

  private InstanceLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * The endpoint that holds a lock.
   *
   * @param pid its process
   * @param startedMs when that process started, as the process table has it
   * @param configuration absolute path of the file that brought it up, or empty for {@code create}
   */
  public record Holder(long pid, long startedMs, String configuration) {
    private static Holder ofThisProcess(String configuration) {
      ProcessHandle self = ProcessHandle.current();
      return new Holder(self.pid(), startedMs(self), configuration);
    }

    private static long startedMs(ProcessHandle process) {
      return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static Holder parse(String record) {
      String[] parts = record.split("\n", 3);
      return new Holder(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]);
    }

    private String toRecord() {
      return pid + "\n" + startedMs + "\n" + configuration;
    }

    /** The endpoint's process, unless it is in another container, where its number means another one or none. */
    public Optional<ProcessHandle> process() {
      return ProcessHandle.of(pid).filter(process -> startedMs != 0 && startedMs(process) == startedMs);
    }

    /** For messages: {@code pid 123, from /etc/wireguard/wg0.conf}. */
    @Override
    public String toString() {
      return "pid " + pid + (configuration.isEmpty() ? "" : ", from " + configuration);
    }
  }

  /** {@code /run/jwg}, or {@code $XDG_RUNTIME_DIR/jwg} for a user who cannot write there. */
  public static Path defaultDirectory() {
    Path system = Path.of("/run/jwg");
    @Nullable String user = System.getenv("XDG_RUNTIME_DIR");
    boolean usable = Files.isWritable(Files.exists(system) ? system : Path.of("/run"));
    return usable || user == null ? system : Path.of(user, "jwg");
  }

  /**
   * Takes the lock of {@code name} for this process.
   *
   * @param configuration absolute path of the file that brings the interface up, or empty
   * @throws IOException it is up already, or the file cannot be written
   */
  public static InstanceLock acquire(Path directory, String name, String configuration) throws IOException {
    return acquire(directory, name, Holder.ofThisProcess(configuration));
  }

  @SuppressWarnings("try") // the gate is held, not used
  static InstanceLock acquire(Path directory, String name, Holder holder) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    FileChannel channel = FileChannel.open(file(directory, name),
        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try (FileLock gate = channel.lock(GATE, 1, false)) {
      if (channel.tryLock(LIFE, 1, false) == null) {
        throw new IOException(name + ": already up (" + read(channel) + "): `jwg down " + name + "` first");
      }
      write(channel, holder);
      return new InstanceLock(channel);
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  /** Who holds the lock of {@code name}, if anybody does. */
  @SuppressWarnings("try") // the gate is held, not used
  public static Optional<Holder> holder(Path directory, String name) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file(directory, name), StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock gate = channel.lock(GATE, 1, false);
        FileLock life = channel.tryLock(LIFE, 1, false)) {
      return life == null ? Optional.of(read(channel)) : Optional.empty();
    } catch (NoSuchFileException never) {
      return Optional.empty();
    }
  }

  /**
   * Returns whether an endpoint of another process has the name. Where there is no lock to tell, as in another container
   * that shares only the network, an interface of that name tells.
   */
  public static boolean isUp(Path directory, String name) {
    try {
      return Files.exists(file(directory, name))
          ? holder(directory, name).isPresent()
          : Files.exists(Path.of("/sys/class/net", name));
    } catch (IOException notOurs) {
      return true;
    }
  }

  /** Returns the names of which there ever was a lock. */
  public static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .toList();
    }
  }

  private static Path file(Path directory, String name) {
    return directory.resolve(name + SUFFIX);
  }

  private static void write(FileChannel channel, Holder holder) throws IOException {
    channel.truncate(RECORD);
    ByteBuffer record = StandardCharsets.UTF_8.encode("\0\0" + holder.toRecord());
    while (record.hasRemaining()) {
      channel.write(record, record.position());
    }
  }

  private static Holder read(FileChannel channel) throws IOException {
    ByteBuffer record = ByteBuffer.allocate((int) Math.max(0, channel.size() - RECORD));
    while (record.hasRemaining() && channel.read(record, RECORD + record.position()) >= 0) {
      // Until all of it is there.
    }
    return Holder.parse(StandardCharsets.UTF_8.decode(record.flip()).toString());
  }

  /** Frees the lock: the last thing an endpoint does. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
