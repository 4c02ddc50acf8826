package dev.jwg.device;

import static dev.jwg.testing.Datagram.Kind.DATA;
import static dev.jwg.testing.Datagram.Kind.INITIATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint;
import dev.jwg.session.SessionSlots;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.Host;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Stories of time: what crosses the wire, and when, in full seconds. */
class TimersTest {
  private static final Duration LEAST_RETRY = Duration.ofSeconds(5);
  private static final Duration GREATEST_RETRY = Duration.ofMillis(5_334);

  private final World world = new World(2);
  private final Host alice = world.alice();
  private final Host bob = world.bob();
  private Duration origin = Duration.ZERO;

  /** A fresh session that alice initiated, at second 0 of the story. */
  private void begin() {
    world.handshake();
    origin = world.clock().elapsed();
  }

  private List<String> story() {
    return world.story(origin);
  }

  /** The story less data messages. */
  private List<String> storyBesideData() {
    return story().stream().filter(line -> !line.endsWith(" DATA")).toList();
  }

  private void at(int second) {
    world.advance(origin.plusSeconds(second).minus(world.clock().elapsed()));
  }

  private void eachSecond(int from, int to, Runnable action) {
    for (int second = from; second <= to; second++) {
      at(second);
      action.run();
    }
  }

  private List<Datagram> initiations() {
    return world.wire().sent().stream().filter(datagram -> datagram.kind() == INITIATION).toList();
  }

  private void unplugBob() {
    world.wire().copies(datagram -> datagram.from().equals(bob.endpoint()) ? 0 : 1);
  }

  @Test
  void twoIdlePeersFallSilentAfterOneKeepalive() {
    begin();
    for (int second : new int[] {5, 10, 15, 90, 120, 165, 180, 540, 1_200}) {
      at(second);
    }
    assertEquals(List.of("10 bob KEEPALIVE"), story());
  }

  @Test
  void withoutTrafficNothingEverCrossesTheWire() {
    at(1_200);
    assertEquals(List.of(), story());
  }

  @Test
  void oneWayTrafficIsAnsweredByAKeepaliveEveryTenSecondsAndRekeyedByTheInitiatorAt120() {
    begin();
    eachSecond(1, 131, () -> world.exchange(alice, bob));
    assertEquals(
        List.of(
            "10 bob KEEPALIVE",
            "20 bob KEEPALIVE",
            "30 bob KEEPALIVE",
            "40 bob KEEPALIVE",
            "50 bob KEEPALIVE",
            "60 bob KEEPALIVE",
            "70 bob KEEPALIVE",
            "80 bob KEEPALIVE",
            "90 bob KEEPALIVE",
            "100 bob KEEPALIVE",
            "110 bob KEEPALIVE",
            "120 bob KEEPALIVE",
            "120 alice INITIATION",
            "120 bob RESPONSE",
            "120 alice KEEPALIVE",
            "131 bob KEEPALIVE"),
        storyBesideData());
    assertEquals(131, bob.tun().takeReceived().size(), "every packet arrived");
  }

  @Test
  void twoWayTrafficNeedsNoKeepalive() {
    begin();
    eachSecond(
        1,
        125,
        () -> {
          world.exchange(alice, bob);
          world.exchange(bob, alice);
        });
    assertEquals(List.of("120 alice INITIATION", "120 bob RESPONSE", "120 alice KEEPALIVE"), storyBesideData());
  }

  @Test
  void theResponderSendsNoInitiationAt121() {
    begin();
    at(115);
    world.exchange(bob, alice);
    at(121);
    world.exchange(bob, alice);
    assertEquals(List.of(), initiations());
  }

  @Test
  void theInitiatorThatOnlyReceivesRekeysOnceAt165() {
    begin();
    eachSecond(160, 164, () -> world.exchange(bob, alice));
    assertEquals(List.of(), initiations());
    world.wire().copies(datagram -> datagram.kind() == INITIATION ? 0 : 1); // none of them succeeds
    eachSecond(165, 169, () -> world.exchange(bob, alice));
    assertEquals(1, initiations().size());
    assertEquals(Duration.ofSeconds(165), initiations().get(0).sentAt().minus(origin));
  }

  @Test
  void aSessionOlderThan180SecondsIsReplacedBeforeAnythingIsSent() {
    begin();
    at(20);
    world.wire().forget();
    at(180);
    world.exchange(alice, bob);
    assertEquals(List.of("180 alice INITIATION", "180 bob RESPONSE", "180 alice DATA"), story());
  }

  @Test
  void theResponderBeginsItsOwnHandshakeOnceTheSessionIsTooOld() {
    begin();
    at(180);
    world.wire().forget();
    world.exchange(bob, alice);
    assertEquals(List.of("180 bob INITIATION", "180 alice RESPONSE", "180 bob DATA"), story());
  }

  @Test
  void passiveKeepaliveComesTenSecondsAfterDataIsReceivedWithNothingSentBack() {
    begin();
    at(50);
    world.wire().forget();
    world.exchange(bob, alice);
    at(59);
    assertEquals(List.of("50 bob DATA"), story());
    at(60);
    assertEquals(List.of("50 bob DATA", "60 alice KEEPALIVE"), story());
    at(100);
    assertEquals(List.of("50 bob DATA", "60 alice KEEPALIVE"), story(), "a keepalive is not answered");
  }

  @Test
  void passiveKeepaliveIsTimedFromTheFirstPacketAndASecondOneArmsItOnceMore() {
    begin();
    at(50);
    world.wire().forget();
    world.exchange(bob, alice);
    at(55);
    world.exchange(bob, alice);
    at(58);
    world.exchange(bob, alice);
    at(100);
    assertEquals(
        List.of("50 bob DATA", "55 bob DATA", "58 bob DATA", "60 alice KEEPALIVE", "70 alice KEEPALIVE"), story());
  }

  @Test
  void anythingSentBackMakesThePassiveKeepaliveNeedless() {
    begin();
    at(50);
    world.wire().forget();
    world.exchange(bob, alice);
    at(55);
    world.exchange(alice, bob);
    at(64);
    assertEquals(List.of("50 bob DATA", "55 alice DATA"), story());
  }

  @Test
  void dataThatNothingAnswersForFifteenSecondsBeginsANewHandshake() {
    begin();
    at(20);
    unplugBob();
    world.wire().forget();
    world.exchange(alice, bob);
    at(34);
    assertEquals(List.of("20 alice DATA", "30 bob KEEPALIVE"), story(), "what bob sends is lost");
    at(36);
    assertEquals(
        List.of("20 alice DATA", "30 bob KEEPALIVE", "35 alice INITIATION", "35 bob RESPONSE"), story());
  }

  @Test
  void aHandshakeThatSucceedsAfterUnansweredDataIsConfirmedAtOnce() {
    begin();
    at(20);
    unplugBob();
    world.exchange(alice, bob);
    at(34);
    world.wire().heal();
    world.wire().forget();
    at(36);
    assertEquals(List.of("35 alice INITIATION", "35 bob RESPONSE", "35 alice KEEPALIVE"), story());
  }

  @Test
  void theOwnerHearsOfAPeerThatLeftThreeInitiationsUnansweredAndWithEachOneMore() {
    bob.down();
    world.exchange(alice, bob);
    at(9);
    assertEquals(List.of(), alice.unreachable());
    at(11);
    assertEquals(List.of(bob.publicKey()), alice.unreachable());
    at(200);
    assertEquals(initiations().size() - 2, alice.unreachable().size());
  }

  @Test
  void unansweredInitiationsAreRetriedAtVaryingIntervalsAndGivenUpAfter90Seconds() {
    bob.down();
    world.exchange(alice, bob);
    at(200);
    List<Datagram> sent = world.wire().sent();
    assertEquals(sent, initiations());
    List<Duration> intervals = new ArrayList<>();
    for (int i = 1; i < sent.size(); i++) {
      Duration interval = sent.get(i).sentAt().minus(sent.get(i - 1).sentAt());
      assertTrue(interval.compareTo(LEAST_RETRY) >= 0 && interval.compareTo(GREATEST_RETRY) < 0, "" + interval);
      intervals.add(interval);
    }
    assertTrue(intervals.stream().distinct().count() > intervals.size() / 2, "intervals vary: " + intervals);
    Duration last = sent.get(sent.size() - 1).sentAt();
    assertTrue(last.toSeconds() >= 84 && last.toSeconds() < 90, "last initiation at " + last);
    assertEquals(1, alice.drops(Drop.NO_SESSION), "the staged packet is dropped");
  }

  @Test
  void aGivenUpHandshakeBeginsAnewWithTheNextPacket() {
    bob.down();
    world.exchange(alice, bob);
    at(100);
    bob.up();
    world.wire().forget();
    byte[] packet = world.exchange(alice, bob);
    assertEquals(List.of("100 alice INITIATION", "100 bob RESPONSE", "100 alice DATA"), story());
    assertEquals(1, bob.tun().takeReceived().size(), "packet of " + packet.length + " bytes");
  }

  @Test
  void aSendThatIsNoRetryGivesTheAttemptItsFullTimeAgain() {
    bob.down();
    world.exchange(alice, bob);
    at(80);
    world.exchange(alice, bob);
    at(300);
    List<Datagram> sent = world.wire().sent();
    Duration last = sent.get(sent.size() - 1).sentAt();
    assertTrue(last.toSeconds() >= 164 && last.toSeconds() < 170, "last initiation at " + last);
    assertEquals(2, alice.drops(Drop.NO_SESSION));
  }

  @Test
  void everyRetryHasAFreshEphemeralIndexAndTimestampAndFreesTheOldIndex() {
    bob.down();
    world.exchange(alice, bob);
    at(80);
    List<Datagram> sent = initiations();
    assertTrue(sent.size() > 10);
    for (int i = 1; i < sent.size(); i++) {
      byte[] before = sent.get(i - 1).bytes();
      byte[] after = sent.get(i).bytes();
      assertNotEquals(sent.get(i - 1).senderIndex(), sent.get(i).senderIndex());
      assertNotEquals(part(before, 8, 32), part(after, 8, 32), "ephemeral");
      assertNotEquals(part(before, 88, 28), part(after, 88, 28), "timestamp");
    }
  }

  private static String part(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(bytes, from, from + length);
  }

  @Test
  void noInitiationWithinFiveSecondsOfTheLastOne() {
    bob.down();
    world.exchange(alice, bob);
    for (int tenth = 1; tenth < 50; tenth++) {
      world.advance(Duration.ofMillis(100));
      world.exchange(alice, bob);
    }
    assertEquals(1, world.wire().sent().size());
  }

  @Test
  void noInitiationWithinFiveSecondsOfAResponse() {
    world.wire().copies(datagram -> datagram.kind() == DATA ? 0 : 1);
    world.exchange(alice, bob);
    world.wire().forget();
    at(4);
    world.exchange(bob, alice);
    assertEquals(List.of(), initiations());
    at(5);
    world.exchange(bob, alice);
    assertEquals(1, initiations().size());
  }

  @Test
  void keysAreErasedWhenNoNewOnesCameFor540Seconds() {
    begin();
    Peer atAlice = Peers.of(alice, bob.publicKey());
    at(539);
    assertEquals(1, atAlice.slots().all().size());
    at(540);
    assertEquals(SessionSlots.EMPTY, atAlice.slots());
  }

  @Test
  void turningThePersistentKeepaliveOnSendsOneAtOnceAndThenOneEveryInterval() {
    begin();
    at(50);
    world.wire().forget();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    at(110);
    assertEquals(List.of("50 alice KEEPALIVE", "75 alice KEEPALIVE", "100 alice KEEPALIVE"), story());
  }

  @Test
  void changingThePersistentKeepaliveSendsNothingByItself() {
    begin();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    at(20);
    world.wire().forget();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(20));
    world.settle();
    assertEquals(List.of(), story());
    at(60);
    // The keepalive under way keeps its time; bob's passive one at 10 had pushed it back to 35.
    assertEquals(List.of("35 alice KEEPALIVE", "55 alice KEEPALIVE"), story());
  }

  @Test
  void turningThePersistentKeepaliveOffSilencesIt() {
    begin();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    at(20);
    world.wire().forget();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(0));
    at(100);
    assertEquals(List.of(), story());
  }

  @Test
  void persistentKeepaliveIsPushedBackByTrafficEitherWay() {
    begin();
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    at(20);
    world.wire().forget();
    world.exchange(alice, bob);
    at(29);
    world.exchange(bob, alice);
    at(38);
    world.exchange(alice, bob);
    at(47);
    world.exchange(bob, alice);
    at(56);
    assertEquals(List.of(), storyBesideData());
    at(58);
    assertEquals(List.of("57 alice KEEPALIVE"), storyBesideData(), "bob's last packet asks for a passive one");
    at(83);
    assertEquals(List.of("57 alice KEEPALIVE", "82 alice KEEPALIVE"), storyBesideData());
  }

  @Test
  void aPersistentKeepaliveBeginsAHandshakeWithoutAnyData() {
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    world.settle();
    assertEquals(List.of("0 alice INITIATION", "0 bob RESPONSE", "0 alice KEEPALIVE"), story());
  }

  @Test
  void theSourceAddressIsForgottenAfterAFailedAttempt() {
    begin();
    assertNotEquals(Endpoint.Source.NONE, sourceTowards(bob));
    at(20);
    unplugBob();
    world.exchange(alice, bob);
    at(36);
    assertEquals(Endpoint.Source.NONE, sourceTowards(bob));
  }

  private Endpoint.Source sourceTowards(Host host) {
    Optional<Endpoint> endpoint = alice.stateOf(host.publicKey()).endpoint();
    return endpoint.orElseThrow().source();
  }
}
