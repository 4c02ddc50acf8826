package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Congestion notification crosses the tunnel as with the kernel's module. */
@NetworkTest
final class CongestionIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  static Stream<Pair> pairs() {
    return Stream.of(
        new Pair(Software.JWG, Software.JWG),
        new Pair(Software.JWG, Software.KERNEL_NEWEST),
        new Pair(Software.KERNEL_NEWEST, Software.JWG));
  }

  /** A path that marks every datagram as having met congestion stops no flow, whether or not it knows of ECN. */
  @ParameterizedTest
  @MethodSource("pairs")
  void packetsPassAPathThatMarksCongestion(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair);
    tunnel.sides().stream().filter(side -> side.software() == Software.JWG)
        .forEach(side -> side.options("--metrics"));
    tunnel.start();
    mark(tunnel);
    try {
      for (Family family : Family.values()) {
        String endpoint = Tunnel.endpoint(tunnel.responder().outer(family));
        tunnel.initiator().set("peer", tunnel.responder().publicKey(), "endpoint", endpoint);
        tunnel.connect();
        double[] before = tunnel.sides().stream().mapToDouble(CongestionIT::lostMarks).toArray();
        tunnel.responder().inner().forEach(tunnel.initiator()::ping);
        double[] after = tunnel.sides().stream().mapToDouble(CongestionIT::lostMarks).toArray();
        for (int side = 0; side < 2; side++) {
          // Six pings, asked for on one side and answered on the other.
          assertTrue(tunnel.sides().get(side).inKernel() || after[side] >= before[side] + 6, "lost marks over " + family);
        }
      }
      markReachesTheInnerPacket(tunnel);
    } finally {
      unmark(tunnel);
    }
  }

  /** An echo request with ECT(0) arrives with CE, and is answered. */
  private static void markReachesTheInnerPacket(Tunnel tunnel) {
    Side side = tunnel.responder();
    if (side.inKernel()) {
      return;
    }
    Capture marked = new Capture(side.host(), side.device(), "icmp[icmptype] = icmp-echo and ip[1] & 3 = 3");
    tunnel.initiator().host().ok("ping", "-n", "-c", "1", "-W", "5", "-Q", "2", side.inner4());
    marked.awaitSeen(LIMIT, tunnel.initiator().inner4() + " > " + side.inner4());
  }

  private static void mark(Tunnel tunnel) {
    tunnel.switchHost().sh("""
        nft add table bridge congestion
        nft add chain bridge congestion forward '{ type filter hook forward priority 0; }'
        nft add rule bridge congestion forward ether type ip udp dport 51820 ip ecn set ce
        nft add rule bridge congestion forward ether type ip6 udp dport 51820 ip6 ecn set ce
        """);
  }

  /** The switch serves the next test too. */
  private static void unmark(Tunnel tunnel) {
    tunnel.switchHost().ok("nft", "delete", "table", "bridge", "congestion");
  }

  private static double lostMarks(Side side) {
    if (side.inKernel()) {
      return 0;
    }
    return Double.parseDouble(side.host().sh(
        "curl -sS http://127.0.0.1:9586/metrics | awk '/^jwg_congestion_marks_lost_total/ { print $2 }'").strip());
  }

  /** Not-ECT, ECT(1) and ECT(0) are copied to the outer header, CE becomes ECT(0). */
  @ParameterizedTest
  @MethodSource("pairs")
  void theOuterHeaderIsMarkedAsTheKernelMarksIt(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Side from = tunnel.initiator();
    int[] outer = {0, 1, 2, 2};
    for (int ecn = 0; ecn < outer.length; ecn++) {
      Capture seen = tunnel.outside("udp and src " + from.outer(Family.IPV4) + " and ip[1] = " + outer[ecn]);
      from.host().ok("ping", "-n", "-c", "1", "-W", "5", "-s", "100", "-Q", Integer.toString(0x20 | ecn),
          tunnel.responder().inner4());
      seen.awaitSeen(LIMIT, "length " + (28 + 100 + 32));
    }
  }
}
