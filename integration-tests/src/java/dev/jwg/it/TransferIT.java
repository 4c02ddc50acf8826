package dev.jwg.it;

import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent over TCP arrives as it was sent. */
@NetworkTest
final class TransferIT {
  private static final long GIBIBYTE = 1L << 30;
  private static final int PORT = 5201;
  private static final Duration STALL = Duration.ofSeconds(20);

  /** The two kinds of pair once each: who called whom does not matter to a stream that goes both ways. */
  static Stream<Pair> pairs() {
    return Pair.all().limit(2);
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("pairs")
  void aGibibyteOverTcpArrivesUnchangedEachWay(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    long started = System.nanoTime();
    transfer(tunnel.initiator(), tunnel.responder());
    long turned = System.nanoTime();
    transfer(tunnel.responder(), tunnel.initiator());
    System.out.printf("1 GiB over TCP, %s: %.2f Gbit/s there, %.2f Gbit/s back%n", pair,
        gigabits(turned - started), gigabits(System.nanoTime() - turned));
  }

  /**
   * The numbers up to a million, some 7 MB: little enough for a peer that runs in an emulator, by tools that it has.
   */
  @EachPair
  void aStreamOverTcpArrivesUnchangedEachWay(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    for (Side from : tunnel.sides()) {
      Side to = tunnel.otherThan(from);
      String sent = from.host().sh("seq 1000000 | sha256sum").strip();
      Running receiver = to.host().start("bash", "-c", "ncat -v -l %d | sha256sum".formatted(PORT));
      receiver.awaitLine("Listening on", Side.START);
      from.host().sh("seq 1000000 | ncat --send-only %s %d".formatted(to.inner4(), PORT));
      receiver.awaitLine(Pattern.quote(sent), STALL);
    }
  }

  private static void transfer(Side from, Side to) {
    new Transfer(from.host(), to.host(), to.inner4(), GIBIBYTE)
        .finish(STALL, () -> Long.toString(to.receivedBytes()));
  }

  private static double gigabits(long elapsedNs) {
    return 8.0 * GIBIBYTE / elapsedNs;
  }
}
