package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One TCP connection between two hosts, of which one sends by {@link ByteStream} and the other receives. */
final class Transfer {
  private static final String PORT = "5201";

  private final Running receiver;
  private final Running sender;

  /** Starts to send so many bytes. */
  Transfer(Host from, Host to, String address, long bytes) {
    this(from, to, address, Long.toString(bytes));
  }

  private Transfer(Host from, Host to, String address, String... bytes) {
    receiver = to.start(program("receive", PORT));
    receiver.awaitLine("^listening$", Side.START);
    String[] send = Stream.concat(Stream.of("send", address, PORT), Stream.of(bytes)).toArray(String[]::new);
    sender = from.start(program(send));
  }

  /** Starts to send without an end. */
  static Transfer endless(Host from, Host to, String address) {
    return new Transfer(from, to, address);
  }

  /** Has the sender come to its end, if it is endless; the bytes must arrive as they were sent. */
  void finish(Duration limit) {
    finish(limit, () -> "");
  }

  /** As {@link #finish(Duration)}, but takes as long as the progress goes on changing within {@code stall}. */
  void finish(Duration stall, Supplier<String> progress) {
    sender.closeInput();
    String sent = sender.awaitExit(stall, progress).orFail();
    String received = receiver.awaitExit(stall, progress).orFail();
    assertEquals(sent, received.replace("listening\n", ""));
  }

  private static String[] program(String... arguments) {
    String classes = System.getProperty("jwg.test.classes", "target/test-classes");
    String java = System.getProperty("java.home") + "/bin/java";
    return Stream.concat(Stream.of(java, "-cp", classes, ByteStream.class.getName()), List.of(arguments).stream())
        .toArray(String[]::new);
  }
}
