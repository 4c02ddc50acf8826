package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What takes its time: renewal, silence and giving up. All wait at once, while other tests run. */
@NetworkTest
@Execution(ExecutionMode.CONCURRENT)
@TestMethodOrder(OrderAnnotation.class)
final class PatienceIT {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration REKEY_AFTER_TIME = Duration.ofMinutes(2);

  /** The five seconds after which an initiation without a response is repeated, with their jitter, and some more. */
  private static final Duration QUIET = Duration.ofSeconds(7);

  /** The ping every tenth of a second is what the session is renewed for. Handshakes are told apart by the second. */
  @EachPair
  @Order(1) // it takes the longest
  void aSessionIsRenewedAfterTwoMinutesWithoutLosingAPing(Pair pair, Lab lab) {
    renew(Tunnel.startInTurn(() -> new Tunnel(lab, pair)), REKEY_AFTER_TIME.plusSeconds(20));
  }

  static Stream<Pair> pairsWithLowLimits() {
    return Pair.all()
        .filter(pair -> pair.initiator() == Software.JWG)
        .map(pair -> new Pair(Software.JWG_WITH_LOW_LIMITS, pair.responder()));
  }

  @ParameterizedTest(name = "{displayName} {0}", allowZeroInvocations = true)
  @MethodSource("pairsWithLowLimits")
  void aSessionIsRenewedThreeTimesInARowWithoutLosingAPing(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair));
    for (int renewal = 1; renewal <= 3; renewal++) {
      renew(tunnel, Duration.ofSeconds(20));
    }
  }

  /** Each side must see a later handshake than now, and no ping may be lost over it. */
  private static void renew(Tunnel tunnel, Duration limit) {
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), START);
    List<Long> before = tunnel.sides().stream().map(Side::latestHandshake).toList();
    Pings pings = new Pings(tunnel.initiator(), tunnel.responder().inner4());
    tunnel.outside("udp[8] = 2").awaitSeen(limit, "length 92");
    Await.until("both sides tell of the renewal", Duration.ofSeconds(5),
        () -> tunnel.initiator().latestHandshake() > before.get(0)
            && tunnel.responder().latestHandshake() > before.get(1));
    pings.awaitMore(Duration.ofSeconds(5));
    assertEquals(0, pings.lost(), "lost pings");
  }

  /** The ping's answer asks for a keepalive after ten seconds, and nothing asks for anything after that. */
  @EachPair
  void anIdleTunnelIsSilentAfterItsLastKeepalive(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair));
    Capture outside = tunnel.outside("ip");
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), START);
    Await.still("what passed outside", Duration.ofSeconds(15), Duration.ofSeconds(40),
        () -> String.join("\n", outside.packets()));
    List<String> packets = outside.packets();
    assertTrue(packets.get(packets.size() - 1).endsWith("length 32"), "the last is a keepalive: " + packets);
  }

  /**
   * Neither side answers ARP until both have sent an initiation, which their hosts hold back until then: the two pass
   * each other on the wire.
   */
  @EachPair
  void bothSidesCallingAtTheSameMomentAgreeOnASession(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(() -> new Tunnel(lab, pair));
    tunnel.introduceInitiator();
    Capture handshakes = tunnel.outside("udp[8] < 4");
    for (Side side : tunnel.sides()) {
      side.host().sh("""
          cd /proc/sys/net/ipv4
          echo 60 >neigh/%s/mcast_solicit
          echo 8 >conf/all/arp_ignore
          """.formatted(Tunnel.OUTER_DEVICE));
    }
    List<Pings> pings = tunnel.sides().stream()
        .map(side -> new Pings(side, tunnel.otherThan(side).inner4()))
        .toList();
    tunnel.sides().forEach(side -> Await.until("an initiation waits for ARP", START, () -> side.sentBytes() > 0));
    tunnel.sides().forEach(side -> side.host().sh("echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore"));
    pings.forEach(some -> some.awaitMore(START));
    Await.still("the handshakes", QUIET, START, () -> String.join("\n", handshakes.packets()));

    List<String> messages = handshakes.packets();
    // On a slow machine a side has repeated its initiation by the time that the other one's leaves.
    List<String> crossed = messages.stream().takeWhile(line -> line.endsWith("length 148")).toList();
    assertEquals(2, crossed.stream().distinct().count(), "from each side before the first response: " + messages);
    // A WireGuard that takes the other's initiation forgets its own: two of that kind need a second attempt.
    assertTrue(handshakes.count("length 148") <= crossed.size() + 2, "a duel: " + messages);
    tunnel.sides().forEach(side -> side.ping(tunnel.otherThan(side).inner6()));
  }

  /** The initiator cannot open the response and knows why; the responder can only wonder why it is called again. */
  @EachPair
  void differentPresharedKeysMakeNoSessionAndJwgSaysSo(Pair pair, Lab lab) {
    Tunnel tunnel = Tunnel.startInTurn(
        () -> new Tunnel(lab, pair).presharedKeys(KeyPair.presharedKey(), KeyPair.presharedKey()));
    tunnel.initiator().host().start("ping", "-n", tunnel.responder().inner4());
    if (tunnel.initiator().software() == Software.JWG) {
      tunnel.initiator().program()
          .awaitLine("WARN.* refused a handshake message of peer .*: the preshared keys differ", START);
    }
    if (tunnel.responder().software() == Software.JWG) {
      tunnel.responder().program()
          .awaitLine("WARN.* calls again and again but takes no response: the preshared keys differ", START);
    }
    Await.until("the responder has had an initiation", START, () -> tunnel.responder().receivedBytes() > 0);
    tunnel.sides().forEach(side -> assertEquals(0, side.latestHandshake()));
    // The same sides with the same key do reach each other: nothing else was in the way.
    String key = lab.file("secret", KeyPair.presharedKey()).toString();
    tunnel.sides().forEach(side -> side.set("peer", tunnel.otherThan(side).publicKey(), "preshared-key", key));
    tunnel.initiator().awaitReach(tunnel.responder().inner4(), START);
  }
}
