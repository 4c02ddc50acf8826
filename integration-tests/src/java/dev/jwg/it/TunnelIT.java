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

  @EachPair
  void differentPresharedKeysMakeNoSession(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).presharedKeys(KeyPair.presharedKey(), KeyPair.presharedKey()).start();
    assertFalse(tunnel.initiator().host().reaches(tunnel.responder().inner4()));
    Await.until("the responder has had an initiation", Duration.ofSeconds(10),
        () -> tunnel.responder().receivedBytes() > 0);
    assertFalse(tunnel.initiator().host().reaches(tunnel.responder().inner4()));
    assertEquals(0, tunnel.initiator().latestHandshake());
    // The same sides with the same key do reach each other: nothing else was in the way.
    String key = lab.file("secret", KeyPair.presharedKey()).toString();
    tunnel.initiator().set("peer", tunnel.responder().publicKey(), "preshared-key", key);
    tunnel.responder().set("peer", tunnel.initiator().publicKey(), "preshared-key", key);
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), Duration.ofSeconds(20));
  }

  /**
   * By a loop on the host itself: starting each ping from here would take ten times as long. A guest would take that too,
   * and only answers.
   */
  @EachPair
  void pingsOfEverySizeThatFitsPass(Pair pair, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, pair).start().connect();
    Side from = tunnel.initiator().inKernel() ? tunnel.responder() : tunnel.initiator();
    Side to = from == tunnel.initiator() ? tunnel.responder() : tunnel.initiator();
    String failures = from.host().sh("""
        for size in $(seq 0 1392); do
          ping -n -q -c 1 -W 2 -s $size %s >/dev/null || echo "4: $size"
        done
        for size in $(seq 0 7 1372) 1372; do
          ping -n -q -c 1 -W 2 -s $size %s >/dev/null || echo "6: $size"
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
}
