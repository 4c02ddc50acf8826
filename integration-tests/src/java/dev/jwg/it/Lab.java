package dev.jwg.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The hosts, cables and files of one test; all of them gone when closed. */
final class Lab implements AutoCloseable {
  private final Rack rack;
  private final Set<Machine> machines = new LinkedHashSet<>();
  private final List<Host> hosts = new ArrayList<>();
  private final List<Supplier<String>> otherLogs = new ArrayList<>();
  private final Path directory;

  Lab(Rack rack) {
    this.rack = rack;
    try {
      directory = Files.createTempDirectory("jwg-it-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Host host(String name) {
    return host(name, ThisMachine.INSTANCE);
  }

  /** A host on a machine where the software runs; skips the test where there is no such machine. */
  Host host(String name, Software software) {
    return host(name, software.kernel().<Machine>map(rack::guest).orElse(ThisMachine.INSTANCE));
  }

  /** A host on the same machine as another, so that an interface can move between them. */
  Host hostBeside(Host other, String name) {
    return host(name, other.machine());
  }

  private Host host(String name, Machine machine) {
    machines.add(machine);
    Host host = new Host(name, machine);
    hosts.add(host);
    files().filter(Files::isRegularFile).forEach(file -> machine.share(file, text(file)));
    return host;
  }

  /** The switch between this lab's hosts, and those of the tests before. */
  Switch outside() {
    return rack.outside();
  }

  /** Joins two hosts of one machine by a cable that ends in an interface of the given name on each. */
  void cable(Host left, String leftDevice, Host right, String rightDevice) {
    List<String> add = List.of("ip", "link", "add", "name", leftDevice, "netns", left.pid(), "type", "veth",
        "peer", "name", rightDevice, "netns", right.pid());
    new Running(add, left.machine(), add).awaitExit(Host.COMMAND_LIMIT).orFail();
    left.ok("ip", "link", "set", leftDevice, "up");
    right.ok("ip", "link", "set", rightDevice, "up");
  }

  /** Moves an interface to another host, as {@code ip link set DEVICE netns} does. */
  void moveLink(String device, Host from, Host to) {
    List<String> move = List.of("nsenter", "-t", from.pid(), "--net", "ip", "link", "set", device, "netns", to.pid());
    new Running(move, from.machine(), move).awaitExit(Host.COMMAND_LIMIT).orFail();
  }

  /** Fails the test with a message unless what is said holds. */
  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** Runs a command outside of all hosts, which must succeed. */
  static String command(String... command) {
    return new Running(List.of(command), new ProcessBuilder(command)).awaitExit(Host.COMMAND_LIMIT).orFail();
  }

  /** A file that all hosts see and only root can read. */
  Path file(String name, String text) {
    try {
      Path file = directory.resolve(name);
      Files.deleteIfExists(file);
      Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text);
      machines.forEach(machine -> machine.share(file, text));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a file of this machine holds. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Stream<Path> files() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder that all hosts of this machine see, made if it is not there. */
  Path folder(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds what else the reader of a failure wants to see. */
  void alsoLog(Supplier<String> log) {
    otherLogs.add(log);
  }

  String logs() {
    StringBuilder logs = new StringBuilder();
    hosts.forEach(host -> logs.append(host.log()));
    machines.forEach(machine -> logs.append(machine.log()));
    otherLogs.forEach(log -> logs.append(log.get()));
    return logs.toString();
  }

  @Override
  public void close() {
    rack.outside().unplugAll();
    hosts.forEach(Host::close);
    try {
      for (Path file : files().sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
