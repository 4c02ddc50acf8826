package dev.jwg.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/** Two hosts joined by a cable, and a tunnel between them with the same program at both ends. */
final class BenchTunnel implements AutoCloseable {
  static final String SERVER = "10.8.0.2";

  private static final Duration START = Duration.ofSeconds(20);
  private static final int MTU = 1420;

  /** Clock ticks a second, as /proc counts CPU time: USER_HZ of every architecture that Linux has. */
  private static final double TICKS = 100;

  private final Rack rack = new Rack();
  private final Lab lab = new Lab(rack);
  private final BenchImplementation implementation;
  private final Host client = lab.host("client");
  private final Host server = lab.host("server");
  private final KeyPair clientKeys = KeyPair.generate();
  private final KeyPair serverKeys = KeyPair.generate();
  private final List<Running> programs = new ArrayList<>();

  BenchTunnel(BenchImplementation implementation) {
    this.implementation = implementation;
    lab.cable(client, "eth0", server, "eth0");
    client.address("eth0", "192.0.2.1/24");
    server.address("eth0", "192.0.2.2/24");
  }

  Host client() {
    return client;
  }

  Host server() {
    return server;
  }

  /** Starts both ends and returns once a ping has passed. */
  void start() {
    startServer();
    programs.add(startClient());
    Await.until("a ping passes", START, () -> client.reaches(SERVER));
  }

  private void startServer() {
    Running program = server.start(implementation.create().toArray(String[]::new));
    programs.add(program);
    Await.until("the server answers 'wg show'", START, () -> {
      if (!program.isAlive()) {
        throw new AssertionError("ended instead of creating wg0: " + program);
      }
      return server.run("wg", "show", Side.DEVICE).succeeded();
    });
    server.sh(serverSetUp());
  }

  /** Starts the client's end only, which sets itself up as soon as its interface is there. */
  private Running startClient() {
    Running program = client.start(implementation.create().toArray(String[]::new));
    client.sh(clientSetUp());
    return program;
  }

  /**
   * A start of the client's program until its first ping was answered, configuration by the stock tools included.
   *
   * @param seconds by the clock
   * @param cpuSeconds of the program
   */
  record FirstPing(double seconds, double cpuSeconds) {}

  /** Starts the client's program while the server's end is up already and idle, and waits for the first ping. */
  FirstPing firstPing() {
    startServer();
    Await.until("the server's end is idle", START, this::isIdle);
    long before = System.nanoTime();
    Running program = startClient();
    programs.add(program);
    client.sh("until ping -n -q -c 1 -W 1 " + SERVER + " >/dev/null; do :; done");
    return new FirstPing((System.nanoTime() - before) / 1e9, cpuSeconds(program));
  }

  private String serverSetUp() {
    return setUp("server", serverKeys, "10.8.0.2", peer(clientKeys, "10.8.0.1"));
  }

  private String clientSetUp() {
    String peer = peer(serverKeys, "10.8.0.2") + "Endpoint = 192.0.2.2:51820\n";
    return "until wg show wg0 >/dev/null 2>&1; do sleep 0.01; done; " + setUp("client", clientKeys, "10.8.0.1", peer);
  }

  private static String peer(KeyPair keys, String address) {
    return "[Peer]\nPublicKey = " + keys.publicKey() + "\nAllowedIPs = " + address + "/32\n";
  }

  private String setUp(String name, KeyPair keys, String address, String peer) {
    Path file = lab.file(name + ".conf",
        "[Interface]\nPrivateKey = " + keys.privateKey() + "\nListenPort = 51820\n" + peer);
    return "wg setconf wg0 " + file + "; ip address add " + address + "/24 dev wg0; ip link set wg0 mtu " + MTU + " up";
  }

  /** What the programs printed. */
  String logs() {
    return lab.logs();
  }

  /** CPU seconds that both programs have used since their start. */
  double cpuSeconds() {
    return programs.stream().mapToDouble(BenchTunnel::cpuSeconds).sum();
  }

  /** Whether the programs take less than a twentieth of a processor, seen over half a second. */
  private boolean isIdle() {
    double before = cpuSeconds();
    client.sh("sleep 0.5");
    return cpuSeconds() - before < 0.5 / 20;
  }

  private static double cpuSeconds(Running program) {
    String stat = Lab.text(Path.of("/proc/" + program.pid() + "/stat"));
    // proc(5): utime and stime are the 14th and 15th field; the second, the name, may contain blanks.
    try (Scanner fields = new Scanner(stat.substring(stat.lastIndexOf(')') + 1))) {
      for (int field = 3; field < 14; field++) {
        fields.next();
      }
      return (fields.nextLong() + fields.nextLong()) / TICKS;
    }
  }

  /** The larger program's greatest resident size so far, in MiB. */
  double peakMemory() {
    return programs.stream().mapToDouble(BenchTunnel::peakMemory).max().orElseThrow();
  }

  private static double peakMemory(Running program) {
    String line = Lab.text(Path.of("/proc/" + program.pid() + "/status")).lines().filter(l -> l.startsWith("VmHWM:")).findFirst()
        .orElseThrow();
    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
  }

  /** Also of a measurement that was interrupted, whose end is not to be cut short by that. */
  @Override
  public void close() {
    boolean wasInterrupted = Thread.interrupted();
    lab.close();
    rack.close();
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
