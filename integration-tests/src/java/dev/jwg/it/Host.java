package dev.jwg.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host of the lab: namespaces of its own for the network, mounts and processes, on this machine or in a guest.
 *
 * <p>Its first process waits on a pipe from the tests, so the host and all that runs on it end with the tests, however
 * these end. The network has no name under {@code /run/netns} and so leaves nothing behind either. {@code /run} and
 * {@code /etc/wireguard} are empty and the host's own: many hosts can have an interface {@code wg0}.
 */
final class Host implements AutoCloseable {
  static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);

  /**
   * Bash rather than a bare 'cat': the first process of a namespace must also reap the orphans. JVMs name files by
   * their process number, which is theirs alone only within a host: hence the folder for these. The first /proc is
   * still the machine's, and tells the machine's number for this process.
   */
  private static final String FIRST_PROCESS = """
      set -e
      read -r pid _ </proc/self/stat
      mount -t proc proc /proc
      mount -t sysfs sysfs /sys
      mount -t tmpfs -o mode=755 tmpfs /run
      mkdir -p /run/lock /etc/wireguard /tmp/hsperfdata_root
      mount -t tmpfs -o mode=700 tmpfs /etc/wireguard
      mount -t tmpfs tmpfs /tmp/hsperfdata_root
      echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
      echo 51820-51999 >/proc/sys/net/ipv4/ip_local_reserved_ports
      ip link set lo up
      echo 1 >/proc/sys/net/ipv4/conf/all/promote_secondaries
      echo ready $pid
      read -r _ || true
      """;

  private static final Pattern READY = Pattern.compile("^ready ([0-9]+)$", Pattern.MULTILINE);

  private final String name;
  private final Machine machine;
  private final Running first;
  private final String pid;
  private final List<Running> started = new ArrayList<>();

  Host(String name, Machine machine) {
    this.name = name;
    this.machine = machine;
    first = new Running(List.of("host", name), machine,
        List.of("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", FIRST_PROCESS));
    first.awaitLine(READY.pattern(), COMMAND_LIMIT);
    Matcher ready = READY.matcher(first.output());
    pid = ready.find() ? ready.group(1) : "";
  }

  String name() {
    return name;
  }

  Machine machine() {
    return machine;
  }

  /** The number, on the host's machine, of a process that is in all of the host's namespaces. */
  String pid() {
    return pid;
  }

  /** Starts a program that runs until its end or the host's. */
  Running start(String... command) {
    Running running = startUnlogged(command);
    started.add(running);
    return running;
  }

  /** With the signals' default actions: a shell that ran the tests in its background had them ignore SIGINT. */
  private Running startUnlogged(String... command) {
    List<String> inside = new ArrayList<>(
        List.of("nsenter", "-t", pid, "--net", "--mount", "--pid", "--", "env", "--default-signal"));
    inside.addAll(List.of(command));
    return new Running(List.of(command), machine, inside);
  }

  /** Runs a command to its end. */
  Result run(String... command) {
    return runFor(COMMAND_LIMIT, command);
  }

  Result runFor(Duration limit, String... command) {
    Running running = startUnlogged(command);
    running.closeInput();
    return running.awaitExit(limit);
  }

  /** Runs a command that must succeed; returns its output. */
  String ok(String... command) {
    return run(command).orFail();
  }

  /** Runs a line of shell that must succeed; returns its output. */
  String sh(String line) {
    return ok("bash", "-ec", line);
  }

  /** Gives an interface an address, usable at once also when it is an IPv6 one: hosts detect no duplicates. */
  void address(String device, String address) {
    ok("ip", "address", "add", "dev", device, address);
  }

  /** Pings once, for at most a second. */
  boolean reaches(String address) {
    return run("ping", "-n", "-q", "-c", "1", "-W", "1", address).succeeded();
  }

  /**
   * Of the pings from now on one may be lost. The next has to be answered within 2 s, so that no retry of a handshake, 5 s
   * after the first try, helps.
   */
  void assertReaches(String address, String after) {
    String[] ping = {"ping", "-n", "-q", "-c", "1", "-W", "2", address};
    boolean firstPassed = run(ping).succeeded();
    if (!firstPassed && !run(ping).succeeded()) {
      throw new AssertionError(name + " lost more than one ping to " + address + " after " + after);
    }
  }

  /** One ping must be answered before the deadline, however many are lost until then. */
  void awaitReach(String address, Duration limit) {
    Await.until(name + " reaches " + address, limit, () -> reaches(address));
  }

  boolean hasLink(String device) {
    return run("ip", "link", "show", "dev", device).succeeded();
  }

  /**
   * All that an endpoint could have left behind: interfaces, addresses, rules, routes, sockets, processes. Not the file
   * of a lock, which stays when the lock is free.
   */
  String state() {
    return sh("""
        ip -br link
        ip -o address | sed 's/ *valid_lft.*//'
        nft list tables
        ip rule; ip -6 rule; ip route show table all; ip -6 route show table all
        find /run ! -type d ! -name '*.lock' | sort
        cat /proc/[0-9]*/comm | grep -x java || true
        """);
  }

  /** What every background process of this host printed. */
  String log() {
    StringBuilder log = new StringBuilder();
    for (Running running : started) {
      log.append("--- ").append(name).append("$ ").append(running).append('\n').append(running.output())
          .append('\n');
    }
    return log.toString();
  }

  @Override
  public void close() {
    first.close();
    for (Running running : started) {
      running.close();
    }
  }
}
