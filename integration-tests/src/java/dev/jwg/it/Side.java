package dev.jwg.it;

import java.time.Duration;
import java.util.List;
import java.util.Scanner;
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
  private final KeyPair keys = KeyPair.generate();
  private @Nullable Running program;

  /** The number, 1 or 2, ends each of the side's addresses. */
  Side(Lab lab, Host host, Software software, int number) {
    this.lab = lab;
    this.host = host;
    this.software = software;
    this.number = number;
  }

  Host host() {
    return host;
  }

  String publicKey() {
    return keys.publicKey();
  }

  String inner4() {
    return "10.8.0." + number;
  }

  String inner6() {
    return "fd08::" + number;
  }

  List<String> inner() {
    return List.of(inner4(), inner6());
  }

  String outer(Family family) {
    return family == Family.IPV4 ? "192.0.2." + number : "2001:db8::" + number;
  }

  /** Makes the unconfigured interface, by starting the program where one is behind it. */
  void create() {
    String[] create = software.create(DEVICE).toArray(String[]::new);
    if (inKernel()) {
      host.ok(create);
      return;
    }
    program = host.start(create);
    Await.until(DEVICE + " answers 'wg show' on " + host.name(), START, () -> {
      if (!program().isAlive()) {
        throw new AssertionError("ended instead of creating " + DEVICE + ": " + program());
      }
      return host.run("wg", "show", DEVICE).succeeded();
    });
  }

  /** The [Interface] section of a configuration, as far as the stock tool knows it. */
  String interfaceSection() {
    return "[Interface]\nPrivateKey = " + keys.privateKey() + "\nListenPort = " + PORT + "\n";
  }

  /** Sets the key, the port, and the peers of the text, by the stock tool. */
  void configure(String peers) {
    String file = lab.file(host.name() + ".conf", interfaceSection() + peers).toString();
    host.ok("wg", "setconf", DEVICE, file);
  }

  /** Gives the interface its addresses and MTU and sets it up. */
  void up(int mtu) {
    host.address(DEVICE, inner4() + "/24");
    host.address(DEVICE, inner6() + "/64");
    host.ok("ip", "link", "set", DEVICE, "mtu", Integer.toString(mtu), "up");
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
      host.ok("ip", "link", "delete", "dev", DEVICE);
      return;
    }
    program().signal(signal);
    program().awaitExit(STOP);
    Await.until(DEVICE + " is gone", STOP, () -> !host.hasLink(DEVICE));
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
    System.arraycopy(new String[] {"wg", "set", DEVICE}, 0, command, 0, 3);
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

  /** The first value after the key of the only peer. */
  private String shown(String what) {
    try (Scanner words = new Scanner(host.ok("wg", "show", DEVICE, what))) {
      words.next();
      return words.next();
    }
  }

  /** One ping to an address inside the tunnel must be answered before the deadline, however many are lost until then. */
  void awaitReach(String address, Duration limit) {
    Await.until(host.name() + " reaches " + address, limit, () -> host.reaches(address));
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
