package dev.jwg.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What hosts are made on: a running Linux kernel, its programs and files. */
interface Machine {

  /** Starts a program outside of all hosts, with its standard error in its output. */
  Process start(List<String> command) throws IOException;

  /**
   * Gives a host an interface of this name, and the switch a port for it; returns the port's name.
   *
   * @param switchHost the host on which the other end of the interface's cable appears
   */
  String connect(Host host, String device, Host switchHost);

  /** Takes a port that {@link #connect} named from the switch: whatever becomes of its host, the switch hears no more of it. */
  void disconnect(String port, Host switchHost);

  /** Puts a file of the tests in reach of the hosts, under the same name. */
  void share(Path file, String text);

  /** What the machine itself has to say about a test that failed. */
  String log();
}
