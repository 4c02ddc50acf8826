package dev.jwg.health;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a socket that answers what the test wants; the interface is the loopback, which is always up. */
class HealthCheckTest {
  private static final String UP = "lo";
  private static final String KEY = "private_key=" + "77".repeat(32) + "\n";
  private static final byte[] PEER_BYTES = new byte[32];
  private static final String PEER = Base64.getEncoder().encodeToString(PEER_BYTES);
  private static final String PEER_LINE = "public_key=" + "00".repeat(32) + "\n";
  private static final String OTHER_LINE = "public_key=" + "11".repeat(32) + "\n";

  @TempDir private Path sockets;

  private static long now() {
    return System.currentTimeMillis() / 1000;
  }

  private static String handshakeAt(long seconds) {
    return "last_handshake_time_sec=" + seconds + "\nlast_handshake_time_nsec=0\n";
  }

  private void check(String name, String answer, String... arguments) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(sockets.resolve(name + ".sock")));
      Thread answering = new Thread(() -> answerOne(server, answer));
      answering.setDaemon(true);
      answering.start();
      HealthCheck.of(sockets, List.of(arguments)).orElseThrow().run();
    }
  }

  private static void answerOne(ServerSocketChannel server, String answer) {
    try (SocketChannel client = server.accept()) {
      client.read(ByteBuffer.allocate(100));
      client.write(ByteBuffer.wrap((answer + "errno=0\n\n").getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String failure(String name, String answer, String... arguments) {
    return String.valueOf(assertThrows(IOException.class, () -> check(name, answer, arguments)).getMessage());
  }

  @Test
  void anInterfaceThatIsUpAndHasAKeyIsReady() {
    assertDoesNotThrow(() -> check(UP, KEY));
  }

  @Test
  void anInterfaceWithoutAKeyIsNot() {
    assertEquals("lo is not ready: it has no private key", failure(UP, "listen_port=1\n", UP));
  }

  @Test
  void anInterfaceWhosePortIsTakenIsNot() {
    String complaint = "lo is not ready: the interface is down or its port is not bound";
    assertEquals(complaint, failure(UP, KEY + "listen_port=1\nwithout_port=1\n", UP));
  }

  @Test
  void anInterfaceWhoseHooksStillRunIsNot() {
    String answer = KEY + "listen_port=1\nstarting=1\n" + PEER_LINE + handshakeAt(now());
    assertEquals("lo is not ready: it is still starting", failure(UP, answer, UP, "--peer", PEER));
  }

  @Test
  void anInterfaceThatDoesNotExistIsNot() {
    assertEquals(
        "nosuch is not ready: the interface is down or its port is not bound", failure("nosuch", KEY, "nosuch"));
  }

  @Test
  void aNamedPeerMustHaveAYoungHandshake() {
    String before = KEY + OTHER_LINE + handshakeAt(now()) + PEER_LINE;
    assertDoesNotThrow(() -> check(UP, before + handshakeAt(now() - 100), UP, "--peer", PEER));
  }

  @Test
  void aNamedPeersOldHandshakeDoesNotCountNorDoesAnothersYoungOne() {
    String answer = KEY + PEER_LINE + handshakeAt(now() - 1000) + OTHER_LINE + handshakeAt(now());
    String failure = failure(UP, answer, "--peer", PEER);
    assertEquals(
        "lo is not ready: the latest handshake with peer " + PEER + " is N seconds old",
        failure.replaceFirst("100\\d", "N"));
  }

  @Test
  void aHandshakeOfTheFutureIsNoYoungOne() {
    String failure = failure(UP, KEY + PEER_LINE + handshakeAt(now() + 1000), "--peer", PEER);
    assertEquals(
        "lo is not ready: the clock was set back: the latest handshake with peer " + PEER + " is N seconds ahead",
        failure.replaceFirst("(99\\d|1000)", "N"));
  }

  @Test
  void aClockThatWasSetBackALittleDoesNotMatter() {
    assertDoesNotThrow(() -> check(UP, KEY + PEER_LINE + handshakeAt(now() + 100), "--peer", PEER));
  }

  @Test
  void aPeerThatIsUnknownIsTold() {
    assertEquals("lo is not ready: it has no peer " + PEER, failure(UP, KEY + OTHER_LINE, "--peer", PEER));
  }

  @Test
  void aPeerThatWasNeverHeardIsTold() {
    assertEquals(
        "lo is not ready: no handshake yet with peer " + PEER,
        failure(UP, KEY + PEER_LINE + handshakeAt(0), "--peer", PEER));
  }

  @Test
  void withoutAnEndpointItFails() {
    HealthCheck named = HealthCheck.of(sockets, List.of("wg0")).orElseThrow();
    assertEquals(
        "wg0 is not ready: it cannot be asked: No such file or directory",
        assertThrows(IOException.class, named::run).getMessage());
    HealthCheck any = HealthCheck.of(sockets, List.of()).orElseThrow();
    assertEquals("no interface is up", assertThrows(IOException.class, any::run).getMessage());
  }

  @Test
  void otherArgumentsAreForTheWholeCommandLine() {
    assertEquals(Optional.empty(), HealthCheck.of(sockets, List.of("--help")));
    assertEquals(Optional.empty(), HealthCheck.of(sockets, List.of("a", "b")));
    assertEquals(Optional.empty(), HealthCheck.of(sockets, List.of("--peer")));
    HealthCheck wrong = HealthCheck.of(sockets, List.of("wg0", "--peer", "x")).orElseThrow();
    assertEquals("not a public key: x", assertThrows(IOException.class, wrong::run).getMessage());
  }
}
