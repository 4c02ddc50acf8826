package dev.jwg.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The hosts, cables and files of one test; all of them gone when closed. */
final class Lab implements AutoCloseable {
  private final List<Host> hosts = new ArrayList<>();
  private final Path directory;

  Lab() {
    try {
      directory = Files.createTempDirectory("jwg-it-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Host host(String name) {
    Host host = new Host(name);
    hosts.add(host);
    return host;
  }

  /** Joins two hosts by a cable that ends in an interface of the given name on each. */
  void cable(Host left, String leftDevice, Host right, String rightDevice) {
    command("ip", "link", "add", "name", leftDevice, "netns", left.pid(), "type", "veth",
        "peer", "name", rightDevice, "netns", right.pid());
    left.ok("ip", "link", "set", leftDevice, "up");
    right.ok("ip", "link", "set", rightDevice, "up");
  }

  /** Moves an interface to another host, as {@code ip link set DEVICE netns} does. */
  void moveLink(String device, Host from, Host to) {
    command("nsenter", "-t", from.pid(), "--net", "ip", "link", "set", device, "netns", to.pid());
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
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder that all hosts see, made if it is not there. */
  Path folder(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String logs() {
    StringBuilder logs = new StringBuilder();
    hosts.forEach(host -> logs.append(host.log()));
    return logs.toString();
  }

  @Override
  public void close() {
    hosts.forEach(Host::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
