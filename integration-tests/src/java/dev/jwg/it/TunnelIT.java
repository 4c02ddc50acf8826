package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets pass, of every family and size, and only with the right keys. */
@NetworkTest
final class TunnelIT {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  static Stream<Arguments> pairsAndFamilies() {
    return Pair.all().flatMap(pair -> Stream.of(Family.values()).map(family -> Arguments.of(pair, family)));
  }

  @ParameterizedTest(name = "{displayName} {0} over {1}")
  @MethodSource("pairsAndFamilies")
  void bothSidesPingEachOtherOverBothInnerFamilies(Pair pair, Family outer, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).over(outer).start();
    tunnel.responder().inner().forEach(tunnel.initiator()::ping);
    tunnel.initiator().inner().forEach(tunnel.responder()::ping);
    String initiator = tunnel.initiator().outer(outer);
    assertEquals(Tunnel.endpoint(initiator), tunnel.responder().peerEndpoint());
  }

  @EachPair
  void theSamePresharedKeyOnBothSidesMakesASession(Pair pair, Lab lab) {
    String key = KeyPair.presharedKey();
    Tunnel tunnel = new Tunnel(lab, pair).presharedKeys(key, key).start();
    tunnel.initiator().ping(tunnel.responder().inner4());
    tunnel.responder().ping(tunnel.initiator().inner6());
  }

  /**
   * By a loop on the host itself: starting each ping from here would take ten times as long. A guest would take that
   * too, and only answers.
   */
  @EachPair
  void pingsOfEverySizeUpTo1400BytesPass(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Side from = tunnel.initiator().inKernel() ? tunnel.responder() : tunnel.initiator();
    Side to = tunnel.otherThan(from);
    String failures = from.host().sh("""
        for size in $(seq 0 1400); do
          ping -n -q -c 1 -W 20 -s $size %s >/dev/null || echo "4: $size"
        done
        for size in $(seq 0 7 1400) 1372; do
          ping -n -q -c 1 -W 20 -s $size %s >/dev/null || echo "6: $size"
        done
        """.formatted(to.inner4(), to.inner6()));
    assertEquals("", failures, "sizes that failed, by inner family");
  }

  /** 28 bytes of headers: the ping of 1392 fills the MTU of 1420, and longer ones come in fragments. */
  @EachPair
  void pingsAroundTheMtuPassBothWaysWithTheirContent(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    for (int size : new int[] {0, 1, 15, 16, 17, 1380, 1391, 1392, 1393, 1400, 2800, 9000, 65_000}) {
      tunnel.initiator().ping(tunnel.responder().inner4(), size);
      tunnel.responder().ping(tunnel.initiator().inner6(), size);
    }
  }

  @EachPair
  void fragmentsOf8KibPassBothWaysOverBothInnerFamilies(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    tunnel.responder().inner().forEach(address -> tunnel.initiator().ping(address, 8192));
    tunnel.initiator().inner().forEach(address -> tunnel.responder().ping(address, 8192));
  }

  @EachPair
  void pingsOfUpTo34700BytesPassWithAnMtuOf34736(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).mtu(34_736).start().connect();
    IntStream sizes = IntStream.concat(IntStream.iterate(1000, size -> size < 34_700, size -> size + 3001),
        IntStream.rangeClosed(34_684, 34_700));
    sizes.forEach(size -> tunnel.initiator().ping(tunnel.responder().inner4(), size));
    tunnel.responder().ping(tunnel.initiator().inner6(), 34_688);
  }

  @EachPair
  void aPacketThatNoPeerMayReceiveIsNotSent(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Host host = tunnel.responder().host();
    host.address(Side.DEVICE, "10.8.0.9/24");
    assertTrue(host.reaches("10.8.0.9"), "the address exists on the responder itself");
    assertFalse(tunnel.initiator().host().reaches("10.8.0.9"), "it is not among the peer's allowed IPs");
  }

  /** It is sent, for the destination alone chooses the peer; the last ping proves that it would have arrived by then. */
  @EachPair
  void aPacketFromAnAddressThatThePeerDoesNotAllowIsDroppedByThePeer(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    for (Side side : tunnel.sides()) {
      Side peer = tunnel.otherThan(side);
      side.host().address(Side.DEVICE, "10.8.0.9/24");
      Capture sent = tunnel.outside("udp and src host " + side.outer(Family.IPV4));
      long before = peer.echoRequests();
      // An IP packet of 112 bytes, in a message of 32 more.
      side.host().run("ping", "-n", "-c", "1", "-W", "1", "-s", "84", "-I", "10.8.0.9", peer.inner4());
      side.ping(peer.inner4(), 56);
      sent.awaitSeen(LIMIT, "length 144");
      assertEquals(1, peer.echoRequests() - before, "only the ping from an allowed address arrived");
      if (peer.software() == Software.JWG) {
        peer.program().awaitLine("dropped 112 bytes .*SOURCE_NOT_ALLOWED", LIMIT);
      }
      side.host().ok("ip", "address", "delete", "dev", Side.DEVICE, "10.8.0.9/24");
    }
  }
}
