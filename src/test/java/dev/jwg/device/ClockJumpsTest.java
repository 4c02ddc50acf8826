package dev.jwg.device;

import static dev.jwg.testing.Datagram.Kind.INITIATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.IpAddress;
import dev.jwg.noise.Tai64n;
import dev.jwg.session.Session;
import dev.jwg.session.SessionSlots;
import dev.jwg.testing.Host;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The machine sleeps, or its wall clock is set, under a live tunnel. */
class ClockJumpsTest {
  private final World world = new World(11);
  private final Host alice = world.alice();
  private final Host bob = world.bob();
  private Duration origin = Duration.ZERO;

  private void begin() {
    world.handshake();
    origin = world.clock().elapsed();
  }

  private void sleep(int seconds) {
    world.clock().sleep(Duration.ofSeconds(seconds));
  }

  /** The timers notice that the machine is awake again. */
  private void wake() {
    world.advance(Duration.ZERO);
  }

  private List<String> story() {
    return world.story(origin);
  }

  @Test
  void theFirstPacketAfterASleepLongerThanASessionsLifeBeginsAHandshakeAndArrives() {
    begin();
    sleep(200);
    world.exchange(alice, bob); // before any timer
    assertEquals(List.of("200 alice INITIATION", "200 bob RESPONSE", "200 alice DATA"), story());
    assertEquals(1, bob.tun().takeReceived().size());
  }

  @Test
  void theResponderThatSleptBeginsAHandshakeToo() {
    begin();
    sleep(200);
    world.exchange(bob, alice);
    assertEquals(List.of("200 bob INITIATION", "200 alice RESPONSE", "200 bob DATA"), story());
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void aSessionThatIsStillYoungAfterASleepStaysInUse() {
    begin();
    sleep(60);
    world.exchange(alice, bob);
    assertEquals(List.of("60 alice DATA"), story());
  }

  @Test
  void aSleepIntoTheTimeOfTheRekeyRekeysWithTheFirstPacket() {
    begin();
    sleep(150);
    world.exchange(alice, bob);
    assertEquals(
        List.of("150 alice DATA", "150 alice INITIATION", "150 bob RESPONSE", "150 alice KEEPALIVE"), story());
  }

  @Test
  void keysDoNotOutliveASleep() {
    begin();
    Peer peer = Peers.of(alice, bob.publicKey());
    Session session = peer.slots().all().get(0);
    world.advanceSeconds(20); // bob's passive keepalive is over
    sleep(600);
    wake();
    assertEquals(SessionSlots.EMPTY, peer.slots());
    assertFalse(session.canSend(world.clock().nanoTime() - Duration.ofSeconds(620).toNanos()), "erased, not only old");
  }

  @Test
  void aSleepDuringAHandshakeEndsWithAnotherInitiation() {
    world.wire().copies(datagram -> 0);
    world.exchange(alice, bob);
    world.wire().copies(datagram -> 1);
    sleep(60);
    wake();
    assertEquals(
        List.of("0 alice INITIATION", "60 alice INITIATION", "60 bob RESPONSE", "60 alice DATA"), story());
    assertEquals(1, bob.tun().takeReceived().size(), "the packet that waited");
  }

  /** Staged packets are too old by then; the next packet begins a handshake at once. */
  @Test
  void aSleepLongerThanAnAttemptDuringAHandshakeEndsTheAttempt() {
    world.wire().copies(datagram -> 0);
    world.exchange(alice, bob);
    world.wire().copies(datagram -> 1);
    sleep(200);
    wake();
    world.exchange(alice, bob);
    assertEquals(
        List.of("0 alice INITIATION", "200 alice INITIATION", "200 bob RESPONSE", "200 alice DATA"), story());
  }

  @Test
  void aPersistentKeepaliveThatBecameDueInASleepIsSentAtOnce() {
    begin();
    world.advanceSeconds(20); // bob's passive keepalive is over
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(25));
    world.settle();
    world.wire().forget();
    sleep(200);
    wake();
    assertEquals(List.of("220 alice INITIATION", "220 bob RESPONSE", "220 alice KEEPALIVE"), story());
  }

  @Test
  void dataThatWasUnansweredBeforeASleepBeginsAHandshakeAtOnce() {
    begin();
    world.wire().copies(datagram -> datagram.from().equals(bob.endpoint()) ? 0 : 1);
    world.exchange(alice, bob);
    world.wire().forget();
    sleep(100);
    wake();
    assertTrue(story().contains("100 alice INITIATION"), story()::toString);
  }

  @Test
  void aWallClockThatIsSetBackDoesNotEndHandshakes() {
    begin();
    world.clock().setWallClockBy(Duration.ofDays(-1));
    world.advanceSeconds(200);
    world.exchange(alice, bob);
    world.advanceSeconds(200);
    world.exchange(alice, bob);
    assertEquals(0, bob.drops(Drop.OLD_TIMESTAMP));
    assertEquals(2, bob.tun().takeReceived().size());
  }

  @Test
  void aWallClockThatWasWrongByYearsForAWhileDoesNotEndHandshakes() {
    world.clock().setWallClockBy(Duration.ofDays(3_000));
    begin();
    world.clock().setWallClockBy(Duration.ofDays(-3_000));
    world.advanceSeconds(200);
    world.exchange(alice, bob);
    world.clock().setWallClockBy(Duration.ofDays(1)); // still far below what bob has seen
    world.advanceSeconds(200);
    world.exchange(alice, bob);
    assertEquals(0, bob.drops(Drop.OLD_TIMESTAMP));
    assertEquals(2, bob.tun().takeReceived().size());
  }

  @Test
  void aPeerThatIsRemovedAndAddedBackAfterTheWallClockWasSetBackIsCalledWithALaterTime() {
    begin();
    alice.remove(bob.publicKey());
    world.clock().setWallClockBy(Duration.ofHours(-1));
    world.advanceSeconds(6);
    world.introduce(alice, bob);
    world.exchange(alice, bob);
    assertEquals(0, bob.drops(Drop.OLD_TIMESTAMP));
    assertEquals(1, bob.tun().takeReceived().size());
  }

  /** A new program with the same key knows nothing of the times that the last one sent. */
  @Test
  void afterARestartPeersRefuseUntilTheClockHasPassedTheLatestTimeSent() {
    Host first = world.alice();
    begin();
    Host restarted = world.add("restarted", IpAddress.v4(0xc0000209), alice.inner());
    restarted.identify(first.privateKey());
    first.down();
    world.clock().setWallClockBy(Duration.ofHours(-1));
    world.introduce(restarted, bob);
    world.exchange(restarted, bob);
    assertEquals(1, bob.drops(Drop.OLD_TIMESTAMP));
    world.clock().setWallClockBy(Duration.ofHours(1));
    world.advanceSeconds(10);
    assertEquals(1, bob.tun().takeReceived().size(), "the packet that waited");
  }

  @Test
  void initiationsOfOneMomentDifferInTheirTimestamp() {
    PeerHandshake handshake = Peers.of(alice, bob.publicKey()).handshake();
    Instant now = world.clock().wallTime();
    Tai64n one = handshake.timestampToSend(Tai64n.of(now));
    Tai64n two = handshake.timestampToSend(Tai64n.of(now));
    Tai64n three = handshake.timestampToSend(Tai64n.of(now.minusSeconds(5)));
    assertTrue(two.isAfter(one) && three.isAfter(two));
  }

  @Test
  void aClockThatWasSetBackIsToldOnceEachTime() {
    HandshakeTime time = new HandshakeTime(world.clock());
    time.now();
    assertEquals(Optional.empty(), time.newlySetBack());
    world.clock().setWallClockBy(Duration.ofSeconds(-2));
    time.now();
    assertEquals(Optional.empty(), time.newlySetBack(), "a correction");
    world.clock().setWallClockBy(Duration.ofHours(-1));
    world.advanceSeconds(10);
    time.now();
    assertEquals(Optional.of(Duration.ofSeconds(3602)), time.newlySetBack());
    assertEquals(Optional.empty(), time.newlySetBack());
    world.clock().setWallClockBy(Duration.ofHours(2));
    time.now();
    assertEquals(Optional.empty(), time.newlySetBack());
  }

  @Test
  void aLongSleepKeepsTheWallTimeThatInitiationsCarry() {
    begin();
    sleep(7_200);
    world.exchange(alice, bob);
    assertEquals(1, world.wire().sent().stream().filter(datagram -> datagram.kind() == INITIATION).count());
    assertEquals(0, bob.drops(Drop.OLD_TIMESTAMP));
  }
}
