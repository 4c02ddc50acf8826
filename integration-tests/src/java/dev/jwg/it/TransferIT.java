package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream of bytes arrives as it was sent. */
@NetworkTest
final class TransferIT {
  private static final String GIBIBYTE = Long.toString(1L << 30);
  private static final int PORT = 5201;
  private static final Duration LIMIT = Duration.ofSeconds(110);

  /** Each kind of pair once: who called whom does not matter to a stream that goes both ways. */
  static Stream<Pair> pairsOfPrograms() {
    return Pair.all().filter(pair -> pair.initiator() == Software.JWG && !pair.hasKernel());
  }

  static Stream<Pair> pairsWithKernel() {
    return Pair.all().filter(pair -> pair.initiator() == Software.JWG && pair.hasKernel());
  }

  @ParameterizedTest(name = "{displayName} {0}", allowZeroInvocations = true)
  @MethodSource("pairsOfPrograms")
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
    Running receiver = to.host().start(stream("receive", Integer.toString(PORT)));
    receiver.awaitLine("^listening$", Side.START);
    Result sent = from.host().runFor(LIMIT, stream("send", to.inner4(), Integer.toString(PORT), GIBIBYTE));
    String received = receiver.awaitExit(LIMIT).orFail();
    assertEquals(sent.orFail(), received.replace("listening\n", ""));
  }

  /** No gibibyte: a guest emulates its processor. */
  @ParameterizedTest(name = "{displayName} {0}", allowZeroInvocations = true)
  @MethodSource("pairsWithKernel")
  void sixteenMebibytesOverTcpArriveUnchangedEachWay(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    transferByShell(tunnel.initiator(), tunnel.responder());
    transferByShell(tunnel.responder(), tunnel.initiator());
  }

  /** A guest has no Java. The digest is the last that either end prints. */
  private static void transferByShell(Side from, Side to) {
    Running receiver = to.host().start("bash", "-c", "socat -u -d -d TCP-LISTEN:%d - | sha256sum".formatted(PORT));
    receiver.awaitLine("listening on", Side.START);
    Result sent = from.host().runFor(LIMIT, "bash", "-o", "pipefail", "-c", """
        { head -c 16777216 /dev/urandom | tee /proc/self/fd/3 | socat -u - TCP:%s:%d >&2; } 3>&1 | sha256sum
        """.formatted(to.inner4(), PORT));
    String received = receiver.awaitExit(LIMIT).orFail();
    assertEquals(sent.orFail(), received.substring(received.lastIndexOf('\n') + 1));
  }

  private static String[] stream(String... arguments) {
    String classes = System.getProperty("jwg.test.classes", "target/test-classes");
    String java = System.getProperty("java.home") + "/bin/java";
    return Stream.concat(Stream.of(java, "-cp", classes, ByteStream.class.getName()), List.of(arguments).stream())
        .toArray(String[]::new);
  }

  private static double gigabits(long elapsedNs) {
    return 8.0 * (1L << 30) / elapsedNs;
  }
}
