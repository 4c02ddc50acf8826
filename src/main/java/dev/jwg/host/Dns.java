package dev.jwg.host;

import dev.jwg.config.NameServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the tunnel's name servers the host's only ones, through whoever looks after them: resolvconf(8), which is how
 * wg-quick does it; systemd-resolved; or nobody, and then {@code /etc/resolv.conf} is ours to write.
 */
public final class Dns {
  private static final Logger log = LoggerFactory.getLogger(Dns.class);

  /** A file of resolvconf's in which {@code tun*} means: {@code tun.wg0} goes before what was not named by a program. */
  private static final Pattern FIRST_PREFIX = Pattern.compile("^[ \t]*([A-Za-z0-9-]+)\\*[ \t]*$", Pattern.MULTILINE);

  /**
   * Where the host's parts are.
   *
   * @param resolved the socket that systemd-resolved has while it runs
   */
  record Places(String searchPath, Path resolvConf, Path interfaceOrder, Path resolved) {
    static Places ofThisHost() {
      return new Places(
          Program.searchPath(),
          Path.of("/etc/resolv.conf"),
          Path.of("/etc/resolvconf/interface-order"),
          Path.of("/run/systemd/resolve/io.systemd.Resolve"));
    }
  }

  /** Moves the name servers to the interface's new name. */
  private interface Rename {
    void run(String before, String present) throws IOException;
  }

  private volatile String name;
  private Rename rename = (before, present) -> {};
  private final Predicate<String> isUp;
  private final Undo undo;
  private final ChildEnvironment environment;
  private final Places places;

  /**
   * The name service as used through one interface, which must exist.
   *
   * @param isUp tells of another interface whether its endpoint is up
   */
  public Dns(String name, Predicate<String> isUp, Undo undo, ChildEnvironment environment) {
    this(name, isUp, undo, environment, Places.ofThisHost());
  }

  Dns(String name, Predicate<String> isUp, Undo undo, ChildEnvironment environment, Places places) {
    this.name = name;
    this.isUp = isUp;
    this.undo = undo;
    this.environment = environment;
    this.places = places;
  }

  /**
   * Removes the name servers of endpoints that were killed.
   *
   * @param isUp tells of an interface whether its endpoint is up
   * @return what was removed, for a person
   */
  public static List<String> removeLeftovers(Predicate<String> isUp) throws IOException {
    Path file = Places.ofThisHost().resolvConf();
    return new ResolvConf(file).removeDead(isUp).stream().map(name -> "name servers of " + name + " in " + file).toList();
  }

  /** Sets servers and search domains; without servers nothing, as with wg-quick. */
  public synchronized void set(List<NameServer> servers, List<String> search) throws IOException {
    if (servers.isEmpty()) {
      if (!search.isEmpty()) {
        log.warn("{}: search domains are not used without a DNS server", name);
      }
      return;
    }
    Optional<Program> resolvconf = Program.find("resolvconf", places.searchPath());
    Optional<Program> resolvectl =
        Files.exists(places.resolved()) ? Program.find("resolvectl", places.searchPath()) : Optional.empty();
    if (resolvconf.isPresent()) {
      tellResolvconf(resolvconf.get(), lines(servers, search));
    } else if (resolvectl.isPresent()) {
      tellResolved(resolvectl.get(), servers, search);
    } else {
      ResolvConf file = new ResolvConf(places.resolvConf());
      rename = file::rename;
      file.replace(() -> name, lines(servers, search), isUp, undo);
    }
  }

  /**
   * Puts the servers under the name that the interface has now. So they are removed with it, and those of another
   * interface that gets the former name are not taken for them.
   */
  public synchronized void rename(String present) throws IOException {
    String before = name;
    if (!before.equals(present)) {
      name = present;
      rename.run(before, present);
    }
  }

  /** As resolv.conf(5) has them. */
  private static String lines(List<NameServer> servers, List<String> search) {
    StringBuilder lines = new StringBuilder();
    servers.forEach(server -> lines.append("nameserver ").append(server).append('\n'));
    if (!search.isEmpty()) {
      lines.append("search ").append(String.join(" ", search)).append('\n');
    }
    return lines.toString();
  }

  /** {@code -m 0 -x}: before all others, and instead of them. */
  private void tellResolvconf(Program resolvconf, String lines) throws IOException {
    String prefix = recordPrefix(resolvconf);
    undo.push("remove DNS servers of " + name, () -> removeRecord(resolvconf, prefix + name));
    addRecord(resolvconf, prefix + name, lines);
    rename =
        (before, present) -> {
          addRecord(resolvconf, prefix + present, lines);
          removeRecord(resolvconf, prefix + before);
        };
  }

  private void addRecord(Program resolvconf, String record, String lines) throws IOException {
    resolvconf.run(List.of("-a", record, "-m", "0", "-x"), lines, environment);
  }

  private void removeRecord(Program resolvconf, String record) throws IOException {
    resolvconf.run(List.of("-d", record, "-f"), "", environment);
  }

  /** A program under another name, such as resolvectl, does not read resolvconf's files. */
  private String recordPrefix(Program resolvconf) throws IOException {
    if (!Files.isRegularFile(places.interfaceOrder()) || Files.isSymbolicLink(resolvconf.file())) {
      return "";
    }
    Matcher first = FIRST_PREFIX.matcher(Files.readString(places.interfaceOrder(), StandardCharsets.ISO_8859_1));
    return first.find() ? first.group(1) + "." : "";
  }

  /** {@code ~.} sends all names to these servers, not only those below the search domains. */
  private void tellResolved(Program resolvectl, List<NameServer> servers, List<String> search) throws IOException {
    undo.push("remove DNS servers of " + name, () -> revert(resolvectl));
    List<String> dns = new ArrayList<>(List.of("dns", name));
    servers.forEach(server -> dns.add(server.toString()));
    resolvectl.run(dns, "", environment);
    List<String> domain = new ArrayList<>(List.of("domain", name));
    domain.addAll(search);
    domain.add("~.");
    resolvectl.run(domain, "", environment);
  }

  /** An interface that somebody deleted has taken its servers along. */
  private void revert(Program resolvectl) throws IOException {
    if (Files.exists(Path.of("/sys/class/net", name))) {
      resolvectl.run(List.of("revert", name), "", environment);
    }
  }
}
