package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More than one tunnel at a time. */
@NetworkTest
final class ManyTunnelsIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** A ping may wait as long as a handshake is tried: 90 s (whitepaper section 6.1). */
  private static final Duration PING = Duration.ofSeconds(100);

  private static final int PEERS = 100;

  @EachPair
  void twoTunnelsBetweenTwoHostsLeaveEachOtherAlone(Pair pair, Lab lab) {
    Tunnel first = new Tunnel(lab, pair).start().connect();
    Tunnel second = first.another().connect();
    Pings pings = new Pings(second.initiator(), second.responder().inner4());
    pings.awaitMore(LIMIT);
    for (Side side : first.sides()) {
      side.stop("TERM");
      first.create(side);
    }
    first.connect();
    pings.awaitMore(LIMIT);
    assertEquals(0, pings.lost(), "the second tunnel went on while the first one's ends were made anew");
    first.responder().ping(first.initiator().inner6());
    second.responder().ping(second.initiator().inner6());
  }

  /** jwg does not play the hundred: as many JVMs would test the machine. */
  static Stream<Pair> pairsOfOthersThatCallJwg() {
    return Pair.all().filter(pair -> pair.responder() == Software.JWG && pair.initiator() != Software.JWG);
  }

  @ParameterizedTest(name = "{displayName} {0}", allowZeroInvocations = true)
  @MethodSource("pairsOfOthersThatCallJwg")
  void aHundredPeersHaveASessionWithOneJwgAtATime(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair);
    tunnel.join();
    List<Side> callers = IntStream.rangeClosed(1, PEERS).mapToObj(tunnel.initiator()::beside).toList();
    Side hub = tunnel.responder();
    hub.create();
    hub.configure(callers.stream().map(Tunnel::peer).collect(Collectors.joining()));
    hub.up(1420);
    hub.host().ok("ip", "route", "add", "10.8.0.0/16", "dev", Side.DEVICE);
    Host host = tunnel.initiator().host();
    create(host, callers);
    host.sh(callers.stream().map(caller -> configuration(caller, hub)).collect(Collectors.joining()));

    pingFromEach(host, hub);
    String handshakes = hub.host().ok("wg", "show", Side.DEVICE, "latest-handshakes");
    assertEquals(PEERS, handshakes.lines().filter(line -> !line.endsWith("\t0")).count(), handshakes);
    pingFromEach(host, hub);
  }

  /** A guest takes its time over each command that comes from here, but not over the many of one. */
  private static void create(Host host, List<Side> callers) {
    if (callers.get(0).inKernel()) {
      host.sh(callers.stream()
          .map(caller -> String.join(" ", caller.software().create(caller.device())))
          .collect(Collectors.joining("\n")));
    } else {
      callers.forEach(Side::create);
    }
  }

  /** All callers have the same route, and each its own metric, for no two routes may be equal. */
  private static String configuration(Side caller, Side hub) {
    return """
        cat >/run/%1$s.conf <<END
        %2$s
        END
        wg setconf %1$s /run/%1$s.conf
        ip address add %3$s/32 dev %1$s
        ip link set %1$s up
        ip route add %4$s dev %1$s metric %5$s
        """.formatted(caller.device(), caller.interfaceSection() + Tunnel.peer(hub) + "Endpoint = "
            + Tunnel.endpoint(hub.outer(Family.IPV4)), caller.inner4(), hub.inner4(), caller.device().substring(2));
  }

  /** Pings the hub once from all callers at once; each must be answered, however slowly one follows the other. */
  private static void pingFromEach(Host host, Side hub) {
    Running pings = host.start("bash", "-c", """
        for number in $(seq %d); do
          (ping -n -q -c 1 -W 90 -I wg$number %s >/dev/null && echo answered || echo wg$number has no answer) &
        done
        wait
        """.formatted(PEERS, hub.inner4()));
    Await.progress("all callers are done", PING, pings::output, () -> pings.output().lines().count() == PEERS);
    assertEquals(Set.of("answered"), pings.output().lines().collect(Collectors.toSet()));
  }
}
