package dev.jwg.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The machine that runs the tests: its hosts see its programs and files. */
final class ThisMachine implements Machine {
  static final Machine INSTANCE = new ThisMachine();

  private final AtomicInteger ports = new AtomicInteger();

  private ThisMachine() {}

  @Override
  public Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** By a veth. Its port has a name that none had before: the last test's may not have vanished yet. */
  @Override
  public String connect(Host host, String device, Host switchHost) {
    String port = "port" + ports.incrementAndGet();
    Lab.command("ip", "link", "add", "name", device, "netns", host.pid(), "type", "veth",
        "peer", "name", port, "netns", switchHost.pid());
    return port;
  }

  /** With its other end; perhaps that has gone with its host already, and the port too. */
  @Override
  public void disconnect(String port, Host switchHost) {
    switchHost.run("ip", "link", "delete", port);
  }

  @Override
  public void share(Path file, String text) {
    // It is here already.
  }

  @Override
  public String log() {
    return "";
  }
}
