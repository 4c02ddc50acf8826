package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.daemon.InstanceLock;
import dev.jwg.daemon.LockHolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(600)
class DownTest {
  @TempDir private Path locks;
  @TempDir private Path sockets;
  @TempDir private Path etc;
  private Path socket;
  private Path file;

  @BeforeEach
  void makeFiles() throws IOException {
    socket = Files.createFile(sockets.resolve("wg0.sock"));
    file = Files.createFile(etc.resolve("wg0.conf"));
  }

  private LockHolder endpoint(String configuration) throws IOException {
    return LockHolder.start(locks, "wg0", configuration, socket.toString());
  }

  /** Runs `down`; its message, or nothing if it succeeded. */
  private String down(String... arguments) {
    StringWriter err = new StringWriter();
    int status = new CommandLine(new Down(locks, sockets))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler((failed, command, result) -> Failure.execution(failed, command))
        .execute(arguments);
    assertEquals(err.toString().isEmpty() ? 0 : 1, status);
    return err.toString();
  }

  @Test
  void signalsTheEndpointAndWaitsForItsEnd() throws Exception {
    try (LockHolder endpoint = endpoint("")) {
      assertTrue(endpoint.isAlive());
      assertEquals("", down("wg0"));
      assertTrue(Files.exists(socket), "PreDown hooks may still use it");
      assertEquals(Optional.empty(), InstanceLock.holder(locks, "wg0"));
    }
  }

  @Test
  void removesTheSocketOfAnEndpointWhoseProcessIsNotToBeSeen() throws Exception {
    try (LockHolder endpoint = LockHolder.startElsewhere(locks, "wg0", socket.toString())) {
      assertTrue(endpoint.isAlive());
      assertEquals("", down("wg0"));
      assertFalse(Files.exists(socket));
      assertEquals(Optional.empty(), InstanceLock.holder(locks, "wg0"));
    }
  }

  @Test
  void takesTheFileThatBroughtTheInterfaceUp() throws Exception {
    try (LockHolder endpoint = endpoint(file.toString())) {
      assertTrue(endpoint.isAlive());
      assertEquals("", down(file.toString()));
    }
  }

  @Test
  void findsARenamedInterfaceByTheFileThatBroughtItUp() throws Exception {
    Path renamed = sockets.resolve("wg5.sock");
    Files.createFile(renamed);
    try (LockHolder other = LockHolder.start(locks, "wg0", "/elsewhere/wg0.conf");
        LockHolder endpoint = LockHolder.start(locks, "wg5", file.toString(), renamed.toString())) {
      assertEquals("", down(file.toString()));
      assertEquals(Optional.empty(), InstanceLock.holder(locks, "wg5"));
      assertTrue(other.isAlive());
      assertTrue(endpoint.pid() > 0);
    }
  }

  @Test
  void refusesAnotherFileOfTheSameName() throws Exception {
    try (LockHolder endpoint = endpoint("/elsewhere/wg0.conf")) {
      assertEquals(
          "jwg: wg0: brought up from /elsewhere/wg0.conf, not from " + file + ": `jwg down wg0` takes it down\n",
          down(file.toString()));
      assertTrue(endpoint.isAlive());
      assertTrue(Files.exists(socket));
    }
  }

  @Test
  void refusesAFileForAnInterfaceThatHasNone() throws Exception {
    try (LockHolder endpoint = endpoint("")) {
      assertEquals(
          "jwg: wg0: not brought up from a file: `jwg down wg0` takes it down\n", down(file.toString()));
      assertTrue(endpoint.isAlive());
    }
  }

  @Test
  void signalsAnEndpointThatHasNoSocketYet() throws Exception {
    try (LockHolder endpoint = LockHolder.start(locks, "wg0", "")) {
      Files.delete(socket);
      assertEquals("", down("wg0"));
      assertEquals(Optional.empty(), InstanceLock.holder(locks, "wg0"));
      assertTrue(endpoint.pid() > 0);
    }
  }

  @Test
  void saysSoWhenNothingIsUpAndLeavesTheSocketOfAnotherProgram() {
    assertEquals("jwg: wg0 is not up (no jwg endpoint holds it)\n", down("wg0"));
    assertTrue(Files.exists(socket));
  }

  @Test
  void givesUpAfterTheTimeout() throws Exception {
    try (LockHolder endpoint = LockHolder.startElsewhere(locks, "wg0", "")) { // does not look at the socket
      assertEquals(
          "jwg: wg0: not down after 0 s: pid " + endpoint.pid() + " still undoes its work: look at its log\n",
          down("wg0", "--timeout", "0"));
    }
  }
}
