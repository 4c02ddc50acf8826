package dev.jwg.uapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class UapiClientTest {
  @TempDir private Path directory;

  private ServerSocketChannel listen(String name) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(directory.resolve(name + ".sock")));
  }

  /** What {@code get} says when a program answers with {@code reply} and hangs up. */
  private String failureAfter(String reply) throws Exception {
    try (ServerSocketChannel listener = listen("wg0")) {
      Thread program = new Thread(() -> answerOnce(listener, reply));
      program.start();
      String message = failure("wg0");
      program.join();
      return message;
    } finally {
      Files.deleteIfExists(directory.resolve("wg0.sock"));
    }
  }

  private String failure(String name) {
    return String.valueOf(
        assertThrows(IOException.class, () -> new UapiClient(directory).get(name)).getMessage());
  }

  private static void answerOnce(ServerSocketChannel listener, String reply) {
    try (SocketChannel client = listener.accept()) {
      client.read(ByteBuffer.allocate(100));
      client.write(StandardCharsets.US_ASCII.encode(reply));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void everyFailureSaysWhatAndWhatToDo() throws Exception {
    assertEquals("wg9: no such interface: `jwg up` or `jwg create` makes one", failure("wg9"));
    assertEquals("../wg9: no such interface: `jwg up` or `jwg create` makes one", failure("../wg9"));
    listen("dead").close();
    assertEquals("dead: nobody answers on " + directory.resolve("dead.sock")
        + ": its program has ended: bring the interface up again", failure("dead"));
    assertEquals("wg0: cannot be shown: EIO", failureAfter("errno=-5\n\n"));
    assertEquals("wg0: cannot be shown: EIO", failureAfter("errno=5\n\n"));
    assertEquals("wg0: the answer is not understood: a line without =", failureAfter("hello\n\n"));
    assertEquals("wg0: the answer is not understood: a line is too long", failureAfter("x".repeat(1000)));
    assertTrue(failureAfter("listen_port=5\n").endsWith("the other program closed the connection"));
  }

  @Test
  void onlyInterfacesThatAreAnsweredForAreListed() throws IOException {
    Files.writeString(directory.resolve("file.sock"), "");
    Files.writeString(directory.resolve("wg7"), "");
    listen("dead").close();
    listen("name-that-is-too-long").close();
    try (ServerSocketChannel live = listen("wg0")) {
      assertTrue(live.isOpen());
      assertEquals(List.of("wg0"), new UapiClient(directory).interfaces());
    }
    assertEquals(List.of(), new UapiClient(directory.resolve("missing")).interfaces());
  }
}
