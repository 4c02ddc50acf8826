package dev.jwg.cli;

import dev.jwg.daemon.InstanceLock;
import dev.jwg.daemon.InstanceLock.Holder;
import dev.jwg.daemon.KilledEndpoints;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends a running endpoint and waits until everything it did to the host is undone. */
@Command(name = "down", description = "Takes an interface down and waits until everything is undone.")
final class Down implements Callable<Integer> {
  private static final String FILE_SUFFIX = ".conf";
  private static final long POLL_MS = 20;

  @Parameters(paramLabel = "NAME|FILE", description = "An interface, or the file that it was brought up from.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String target;

  @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "30",
      description = "How long to wait; ${DEFAULT-VALUE} if not given.")
  private long timeoutSeconds;

  private final Path locks;
  private final Path sockets;

  Down() {
    this(InstanceLock.defaultDirectory(), SocketFile.DIRECTORY);
  }

  Down(Path locks, Path sockets) {
    this.locks = locks;
    this.sockets = sockets;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String name = isFile(target) ? nameOfInterfaceFrom(target) : target;
    Optional<Holder> up = InstanceLock.holder(locks, name);
    if (up.isEmpty()) {
      tidyUp(name);
      return 0;
    }
    Holder holder = up.get();
    if (isFile(target)) {
      requireSameFile(name, holder);
    }
    Optional<ProcessHandle> endpoint = holder.process();
    if (endpoint.isPresent()) {
      endpoint.get().destroy(); // SIGTERM; leaves the socket, by which PreDown hooks may still call `wg`
    } else {
      Files.deleteIfExists(SocketFile.path(sockets, name));
    }
    awaitEnd(name, holder);
    return 0;
  }

  /** An endpoint that was killed has left something; one that never was has not. */
  private void tidyUp(String name) throws IOException {
    List<String> removed = KilledEndpoints.tidyUp(name, locks, sockets);
    if (removed.isEmpty()) {
      throw new IOException(name + " is not up (no jwg endpoint holds it)");
    }
  }

  private static boolean isFile(String target) {
    return target.indexOf('/') >= 0 || target.endsWith(FILE_SUFFIX);
  }

  /** Returns the name after which the file is called, unless an interface from that file has been renamed. */
  private String nameOfInterfaceFrom(String target) throws IOException {
    String file = target.substring(target.lastIndexOf('/') + 1);
    String first =
        file.endsWith(FILE_SUFFIX) ? file.substring(0, file.length() - FILE_SUFFIX.length()) : file;
    if (isFrom(target, first)) {
      return first;
    }
    for (String other : InstanceLock.names(locks)) {
      if (isFrom(target, other)) {
        return other;
      }
    }
    return first;
  }

  private boolean isFrom(String target, String name) throws IOException {
    Optional<Holder> holder = InstanceLock.holder(locks, name);
    return holder.isPresent()
        && !holder.get().configuration().isEmpty()
        && isSame(absolute(target), Path.of(holder.get().configuration()));
  }

  private static Path absolute(String target) {
    return Path.of(target).toAbsolutePath().normalize();
  }

  private static boolean isSame(Path given, Path used) throws IOException {
    return given.equals(used) || (Files.exists(given) && Files.exists(used) && Files.isSameFile(given, used));
  }

  private void requireSameFile(String name, Holder holder) throws IOException {
    Path given = absolute(target);
    if (holder.configuration().isEmpty()) {
      throw new IOException(name + ": not brought up from a file: `jwg down " + name + "` takes it down");
    }
    Path used = Path.of(holder.configuration());
    if (!isSame(given, used)) {
      throw new IOException(
          name + ": brought up from " + used + ", not from " + given + ": `jwg down " + name + "` takes it down");
    }
  }

  /** Another holder means that the one we ended is gone and somebody was quick to bring the interface up again. */
  private void awaitEnd(String name, Holder ended) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeoutSeconds * 1_000_000_000L;
    Optional<Holder> ending = Optional.of(ended);
    while (InstanceLock.holder(locks, name).equals(ending)) {
      if (deadline - System.nanoTime() < 0) {
        throw new IOException(name + ": not down after " + timeoutSeconds + " s: pid " + ended.pid()
            + " still undoes its work: look at its log");
      }
      Thread.sleep(POLL_MS);
    }
  }
}
