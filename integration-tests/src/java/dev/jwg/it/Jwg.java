package dev.jwg.it;

import java.time.Duration;

/** jwg's own commands on one host that has nothing but its loopback, and what they may leave behind: nothing. */
final class Jwg {
  /** The line that says an endpoint is ready. */
  static final String READY = "\\b(is up|is ready)\\b";

  static final Duration START = Duration.ofSeconds(20);
  static final Duration STOP = Duration.ofSeconds(10);

  private final Lab lab;
  private final Host host;
  private final String before;

  Jwg(Lab lab) {
    this.lab = lab;
    host = lab.host("alone");
    before = host.state();
  }

  Host host() {
    return host;
  }

  /** A configuration file that works; the name of the interface comes from it. */
  String config(String device) {
    return lab.file(device + ".conf", configText()).toString();
  }

  String configText() {
    return """
        [Interface]
        PrivateKey = %s
        ListenPort = 51820
        Address = 10.8.0.1/24, fd08::1/64
        MTU = 1400

        [Peer]
        PublicKey = %s
        AllowedIPs = 10.8.0.2/32, fd08::2/128, 10.9.0.0/16
        """.formatted(KeyPair.generate().privateKey(), KeyPair.generate().publicKey());
  }

  /** Starts a command of jwg's in the background. */
  Running start(String... arguments) {
    return host.start(command(arguments));
  }

  /** Starts a command that serves an endpoint, and waits until it says that this is ready. */
  Running startReady(String... arguments) {
    Running running = start(arguments);
    running.awaitLine(READY, START);
    return running;
  }

  /** Runs a command of jwg's to its end. */
  Result run(String... arguments) {
    return host.run(command(arguments));
  }

  private static String[] command(String... arguments) {
    return Software.jwg(arguments).toArray(String[]::new);
  }

  /** No interface, address, rule, route, socket or lock is left of what was there. */
  void awaitNothingLeft() {
    Await.until("nothing is left behind; before:\n" + before + "\nnow:\n" + host.state(), STOP,
        () -> host.state().equals(before));
  }

  /**
   * Writes the configuration of one of several interfaces on a host.
   *
   * @param device the file's name
   * @param number distinguishes the port and the addresses
   * @param more lines of the [Interface] section
   */
  static String config(Lab lab, String device, int number, String allowedIps, String more) {
    return lab.file(device + ".conf", """
        [Interface]
        PrivateKey = %s
        ListenPort = %d
        Address = 10.8.%3$d.1/24, fd08:%3$d::1/64
        %4$s
        [Peer]
        PublicKey = %5$s
        AllowedIPs = %6$s
        """.formatted(KeyPair.generate().privateKey(), Side.PORT + number, number, more,
            KeyPair.generate().publicKey(), allowedIps)).toString();
  }
}
