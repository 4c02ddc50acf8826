package dev.jwg.it;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A gibibyte arrives as it was sent. */
@NetworkTest
final class TransferIT {
  private static final long GIBIBYTE = 1L << 30;
  private static final Duration LIMIT = Duration.ofSeconds(110);

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

  private static void transfer(Side from, Side to) {
    new Transfer(from.host(), to.host(), to.inner4(), GIBIBYTE).finish(LIMIT);
  }

  private static double gigabits(long elapsedNs) {
    return 8.0 * GIBIBYTE / elapsedNs;
  }
}
