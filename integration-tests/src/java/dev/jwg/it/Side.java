package dev.jwg.it;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One end of a tunnel: a host's interface wg0, the software behind it, and what it is reached by. */
final class Side {
  static final String DEVICE = "wg0";
  static final int PORT = 51820;
  static final Duration START = Duration.ofSeconds(20);

  private static final Duration STOP = Duration.ofSeconds(10);

  private final Lab lab;
  private final Host host;
  private final Software software;
  private final int number;
  private final int tunnel;
  private final KeyPair keys = KeyPair.generate();
  private List<String> options = List.of();
  private List<String> before = List.of();
  private @Nullable Running program;

  /** The number, 1 or 2, ends each of the side's addresses. */
  Side(Lab lab, Host host, Software software, int number) {
    this(lab, host, software, number, 0);
  }

  private Side(Lab lab, Host host, Software software, int number, int tunnel) {
    this.lab = lab;
    this.host = host;
    this.software = software;
    this.number = number;
    this.tunnel = tunnel;
  }

  /** The same host's end of another tunnel, whose number is in the interface, the port and the inner addresses. */
  Side beside(int another) {
    return new Side(lab, host, software, number, another);
  }

  Host host() {
    return host;
  }

  String device() {
    return "wg" + tunnel;
  }

  int port() {
    return PORT + tunnel;
  }

  Software software() {
    return software;
  }

  String publicKey() {
    return keys.publicKey();
  }

  String inner4() {
    return "10.8." + tunnel + "." + number;
  }

  String inner6() {
    return (tunnel == 0 ? "fd08::" : "fd08:" + tunnel + "::") + number;
  }

  List<String> inner() {
    return List.of(inner4(), inner6());
  }

  String outer(Family family) {
    return family == Family.IPV4 ? "192.0.2." + number : "2001:db8::" + number;
  }

  /** Gives the program's command more words, from its next start on. */
  void options(String... words) {
    options = List.of(words);
  }

  /** Puts words before the program's command, from its next start on. */
  void precede(String... words) {
    before = List.of(words);
  }

  /** Makes the unconfigured interface, by starting the program where one is behind it. */
  void create() {
    List<String> create = software.create(device());
    if (inKernel()) {
      host.ok(create.toArray(String[]::new));
      return;
    }
    program = host.start(Stream.of(before, create, options).flatMap(List::stream).toArray(String[]::new));
    Await.until(device() + " answers 'wg show' on " + host.name(), START, () -> {
      if (!program().isAlive()) {
        throw new AssertionError("ended instead of creating " + device() + ": " + program());
      }
      return host.run("wg", "show", device()).succeeded();
    });
  }

  /** The [Interface] section of a configuration, as far as the stock tool knows it. */
  String interfaceSection() {
    return "[Interface]\nPrivateKey = " + keys.privateKey() + "\nListenPort = " + port() + "\n";
  }

  /** Sets the key, the port, and the peers of the text, by the stock tool. */
  void configure(String peers) {
    String file = lab.file(host.name() + "-" + device() + ".conf", interfaceSection() + peers).toString();
    host.ok("wg", "setconf", device(), file);
  }

  /** Gives the interface its addresses and MTU and sets it up. */
  void up(int mtu) {
    host.address(device(), inner4() + "/24");
    host.address(device(), inner6() + "/64");
    host.ok("ip", "link", "set", device(), "mtu", Integer.toString(mtu), "up");
  }

  /** Whether no program is behind the interface, and the host a guest's. */
  boolean inKernel() {
    return software.kernel().isPresent();
  }

  /**
   * Ends the program by a signal, and waits until the interface is gone too. A kernel's interface is deleted: it can
   * neither end otherwise nor crash.
   */
  void stop(String signal) {
    if (inKernel()) {
      host.ok("ip", "link", "delete", "dev", device());
      return;
    }
    program().signal(signal);
    program().awaitExit(STOP);
    Await.until(device() + " is gone", STOP, () -> !host.hasLink(device()));
  }

  Running program() {
    if (program == null) {
      throw new IllegalStateException("not created");
    }
    return program;
  }

  /** Changes a setting by the stock tool: {@code wg set wg0 ...}. */
  void set(String... settings) {
    String[] command = new String[settings.length + 3];
    System.arraycopy(new String[] {"wg", "set", device()}, 0, command, 0, 3);
    System.arraycopy(settings, 0, command, 3, settings.length);
    host.ok(command);
  }

  /** Where this side believes its peer to be. */
  String peerEndpoint() {
    return shown("endpoints");
  }

  /** When the only peer last completed a handshake, in seconds of the Unix epoch; 0 for never. */
  long latestHandshake() {
    return Long.parseLong(shown("latest-handshakes"));
  }

  long receivedBytes() {
    return Long.parseLong(shown("transfer"));
  }

  long sentBytes() {
    return Long.parseLong(shown("transfer", 2));
  }

  /** How many pings the host has been asked to answer: what its WireGuard let through, whether or not it answered. */
  long echoRequests() {
    return Long.parseLong(host.sh("awk '/^Icmp: [0-9]/ { print $10 }' /proc/net/snmp").strip());
  }

  /** The first value after the key of the only peer. */
  private String shown(String what) {
    return shown(what, 1);
  }

  /** A value after the key of the only peer, counted from 1. */
  private String shown(String what, int number) {
    return host.ok("wg", "show", device(), what).strip().split("\\s+", -1)[number];
  }

  /** As {@link Host#awaitReach}. */
  void awaitReach(String address, Duration limit) {
    host.awaitReach(address, limit);
  }

  /** Each of three pings must be answered, the first within the time that a handshake may take. */
  void ping(String address) {
    for (int ping = 0; ping < 3; ping++) {
      ping(address, 56);
    }
  }

  /**
   * A ping with a payload of so many bytes must be answered by the same. One at a time: after the last of several, ping
   * waits no longer than the earlier answers took.
   */
  void ping(String address, int size) {
    String output = host.ok("ping", "-n", "-c", "1", "-W", "5", "-s", Integer.toString(size), address);
    if (output.contains("wrong data")) {
      throw new AssertionError("ping of " + size + " bytes from " + host.name() + ":\n" + output);
    }
  }
}
