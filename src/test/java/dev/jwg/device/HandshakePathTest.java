package dev.jwg.device;

import static dev.jwg.testing.Datagram.Kind.COOKIE_REPLY;
import static dev.jwg.testing.Datagram.Kind.DATA;
import static dev.jwg.testing.Datagram.Kind.INITIATION;
import static dev.jwg.testing.Datagram.Kind.KEEPALIVE;
import static dev.jwg.testing.Datagram.Kind.RESPONSE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.noise.CookieChecker;
import dev.jwg.protocol.Limits;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.HandmadePeer;
import dev.jwg.testing.Host;
import dev.jwg.testing.Packets;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakePathTest {
  private static final int EPHEMERAL_OF_INITIATION = 8;
  private static final int EPHEMERAL_OF_RESPONSE = 12;

  private final World world = new World(5);
  private final Host alice = world.alice();
  private final Host bob = world.bob();
  private final HandmadePeer carol = new HandmadePeer(world, alice);

  private byte[] sendToCarol() {
    byte[] packet = Packets.udp(alice.inner(), HandmadePeer.INNER, 100, 9);
    alice.tun().send(packet);
    world.settle();
    return packet;
  }

  @Test
  void theResponderSendsNothingOnANewSessionUntilItsFirstMessageArrives() {
    carol.handshake();
    byte[] staged = sendToCarol();
    assertEquals(List.of(), carol.received(), "neither data nor, so soon after the response, an initiation");
    carol.send(carol.data(0, new byte[0]));
    List<Datagram> sent = carol.received();
    assertEquals(1, sent.size());
    assertArrayEquals(staged, Arrays.copyOf(carol.open(sent.get(0)), staged.length));
  }

  @Test
  void theResponderGoesOnSendingOnItsOldSessionUntilTheNewOneIsConfirmed() {
    carol.handshake();
    carol.send(carol.data(0, new byte[0]));
    sendToCarol();
    int oldReceiver = carol.received(DATA).get(0).receiverIndex();
    world.advanceSeconds(1);
    carol.handshake();
    sendToCarol();
    assertEquals(oldReceiver, carol.received(DATA).get(0).receiverIndex());
    carol.send(carol.data(0, new byte[0]));
    world.wire().forget();
    sendToCarol();
    assertNotEquals(oldReceiver, carol.received(DATA).get(0).receiverIndex());
  }

  @Test
  void aConfirmingMessageDoesNotGetAKeepaliveInReturn() {
    carol.handshake();
    carol.send(carol.data(0, new byte[0]));
    assertEquals(List.of(), carol.received());
  }

  @Test
  void theInitiatorConfirmsAtOnceWithStagedDataElseWithExactlyOneKeepalive() {
    sendToCarol();
    byte[] initiation = carol.onlyReceived(INITIATION);
    carol.send(carol.response(initiation, PresharedKey.none()));
    assertEquals(1, carol.received(DATA).size());
    assertEquals(0, carol.received(KEEPALIVE).size());

    world.advanceSeconds(121);
    world.wire().forget();
    sendToCarol(); // on the session that is due for replacement, so nothing is staged
    carol.send(carol.response(carol.onlyReceived(INITIATION), PresharedKey.none()));
    assertEquals(1, carol.received(KEEPALIVE).size());
  }

  @Test
  void aResponseIsAcceptedOnce() {
    sendToCarol();
    byte[] response = carol.response(carol.onlyReceived(INITIATION), PresharedKey.none());
    carol.send(response);
    world.wire().forget();
    carol.send(response);
    assertEquals(1, alice.drops(Drop.UNKNOWN_RECEIVER));
    assertEquals(List.of(), carol.received());
  }

  @Test
  void aResponseToAnInitiationThatWasRetriedComesTooLate() {
    sendToCarol();
    byte[] first = carol.onlyReceived(INITIATION);
    world.advanceSeconds(6);
    carol.send(carol.response(first, PresharedKey.none()));
    assertEquals(1, alice.drops(Drop.UNKNOWN_RECEIVER), "its index is freed");
    assertEquals(0, carol.received(DATA).size());
    carol.send(carol.response(carol.received(INITIATION).get(1).bytes(), PresharedKey.none()));
    assertEquals(1, carol.received(DATA).size());
  }

  @Test
  void simultaneousInitiationsEndInASessionThatCarriesBothDirectionsAtOnce() {
    world.wire().delay(Duration.ofMillis(50));
    alice.tun().send(world.packet(alice, bob, 100));
    bob.tun().send(world.packet(bob, alice, 100));
    world.advance(Duration.ofMillis(300));
    assertEquals(2, world.wire().sent().stream().filter(datagram -> datagram.kind() == INITIATION).count());
    assertEquals(1, alice.tun().takeReceived().size());
    assertEquals(1, bob.tun().takeReceived().size());
    for (int i = 0; i < 20; i++) {
      alice.tun().send(world.packet(alice, bob, 100));
      bob.tun().send(world.packet(bob, alice, 100));
      world.advance(Duration.ofMillis(100));
    }
    assertEquals(20, alice.tun().takeReceived().size());
    assertEquals(20, bob.tun().takeReceived().size());
    assertEquals(2, world.wire().sent().stream().filter(datagram -> datagram.kind() == INITIATION).count());
  }

  @Test
  void timestampsMustBeStrictlyGreaterThanThePeersLastEvenAfterItsKeysExpired() {
    Instant first = world.clock().wallTime();
    carol.send(carol.initiation(first));
    assertEquals(1, carol.received(RESPONSE).size());
    world.advanceSeconds(700);
    carol.send(carol.initiation(first));
    carol.send(carol.initiation(first.minusSeconds(1)));
    assertEquals(2, alice.drops(Drop.OLD_TIMESTAMP));
    assertEquals(1, carol.received(RESPONSE).size());
    carol.send(carol.initiation(first.plusMillis(20)));
    assertEquals(2, carol.received(RESPONSE).size());
  }

  @Test
  void atMostOneInitiationIn20MillisecondsIsConsumed() {
    Instant time = world.clock().wallTime();
    carol.send(carol.initiation(time));
    world.advance(Duration.ofMillis(19));
    carol.send(carol.initiation(time.plusSeconds(1)));
    assertEquals(1, alice.drops(Drop.INITIATION_FLOOD));
    world.advance(Duration.ofMillis(1));
    carol.send(carol.initiation(time.plusSeconds(2)));
    assertEquals(2, carol.received(RESPONSE).size());
  }

  @Test
  void anAllZeroDiffieHellmanResultOfAnInitiationGetsNoReply() {
    byte[] initiation = carol.initiation();
    Arrays.fill(initiation, EPHEMERAL_OF_INITIATION, EPHEMERAL_OF_INITIATION + 32, (byte) 0);
    carol.send(carol.stamped(initiation));
    assertEquals(1, alice.drops(Drop.UNKNOWN_INITIATOR));
    assertEquals(List.of(), carol.received());
  }

  @Test
  void anAllZeroDiffieHellmanResultOfAResponseIsRefusedAndTheGenuineOneStillTaken() {
    sendToCarol();
    byte[] genuine = carol.response(carol.onlyReceived(INITIATION), PresharedKey.none());
    byte[] zero = genuine.clone();
    Arrays.fill(zero, EPHEMERAL_OF_RESPONSE, EPHEMERAL_OF_RESPONSE + 32, (byte) 0);
    carol.send(carol.stamped(zero));
    assertEquals(1, alice.drops(Drop.BAD_RESPONSE));
    assertEquals(0, carol.received(DATA).size());
    carol.send(carol.stamped(genuine));
    assertEquals(1, carol.received(DATA).size());
  }

  @Test
  void aPeerWithAKeyOfSmallOrderGetsNoInitiation() {
    PublicKey zero = PublicKey.of(new byte[32]);
    IpAddress inner = IpAddress.v4(0x0a000009);
    alice.change(zero, new PeerChange().endpoint(World.EVE).allow(inner));
    alice.tun().send(Packets.udp(alice.inner(), inner, 100, 1));
    world.settle();
    assertEquals(List.of(), world.wire().sent());
  }

  @Test
  void exactLengthsAreDemanded() {
    int[] types = {1, 1, 2, 2, 3, 3, 4, 4};
    int[] lengths = {147, 149, 91, 93, 63, 65, 31, 3};
    for (int i = 0; i < types.length; i++) {
      byte[] message = new byte[lengths[i]];
      message[0] = (byte) types[i];
      world.eveSends(World.EVE, alice, message);
      assertEquals(i + 1, alice.drops(Drop.MALFORMED_DATAGRAM), "type " + types[i] + ", length " + lengths[i]);
    }
  }

  @Test
  void reservedBytesMustBeZero() {
    for (int at = 1; at <= 3; at++) {
      byte[] initiation = carol.initiation();
      initiation[at] = 1;
      carol.send(carol.stamped(initiation));
      assertEquals(at, alice.drops(Drop.MALFORMED_DATAGRAM));
    }
    assertEquals(List.of(), carol.received());
  }

  @Test
  void aChangedPresharedKeyLeavesTheLiveSessionAndGoesIntoTheNextHandshake() {
    world.handshake();
    byte[] secret = new byte[32];
    secret[0] = 7;
    alice.change(bob.publicKey(), new PeerChange().presharedKey(PresharedKey.of(secret)));
    world.exchange(alice, bob);
    assertEquals(1, bob.tun().takeReceived().size(), "the live session goes on");
    world.advanceSeconds(180);
    world.exchange(alice, bob);
    assertEquals(List.of(), bob.tun().takeReceived(), "bob does not have the key yet");
    assertEquals(1, alice.drops(Drop.BAD_RESPONSE));
    bob.change(alice.publicKey(), new PeerChange().presharedKey(PresharedKey.of(secret)));
    world.advanceSeconds(6);
    assertEquals(1, bob.tun().takeReceived().size());
  }

  @Test
  void mac2IsIgnoredWhileThereIsNoLoad() {
    byte[] initiation = carol.initiation();
    Arrays.fill(initiation, 132, 148, (byte) 0x77);
    carol.send(initiation);
    assertEquals(1, carol.received(RESPONSE).size());
  }

  @Test
  void aWrongMac1IsNotWorthAnAnswer() {
    byte[] initiation = carol.initiation();
    initiation[116] ^= 1;
    carol.send(initiation);
    assertEquals(1, alice.drops(Drop.BAD_MAC1));
    assertEquals(List.of(), carol.received());
  }

  /** Alice is under load from now on, for a second. */
  private void flood(int messages) {
    byte[] initiation = carol.initiation();
    for (int i = 0; i < messages; i++) {
      Endpoint spoofed = new Endpoint(IpAddress.v4(0x14000000 + i), 1 + i % 60_000);
      world.wire().send(spoofed, alice.endpoint(), initiation, 0);
    }
    world.settle();
  }

  @Test
  void underLoadAWrongMac2IsAnsweredWithACookieAndARightOneWithAResponse() {
    flood(2_000);
    world.wire().forget();
    byte[] initiation = carol.initiation(world.clock().wallTime().plusSeconds(1));
    carol.send(initiation);
    assertEquals(0, carol.received(RESPONSE).size());
    byte[] reply = carol.onlyReceived(COOKIE_REPLY);
    assertTrue(carol.cookie().consumeReply(reply));
    assertFalse(carol.cookie().consumeReply(reply), "used once");

    carol.sendFrom(new Endpoint(HandmadePeer.ENDPOINT.address(), 4_001), carol.initiation(later(2)));
    assertEquals(0, carol.received(RESPONSE).size(), "the cookie is bound to the port");
    carol.sendFrom(new Endpoint(World.EVE.address(), 4_000), carol.initiation(later(3)));
    assertEquals(0, carol.received(RESPONSE).size(), "and to the address");
    carol.send(carol.initiation(later(4)));
    assertEquals(1, carol.received(RESPONSE).size());
  }

  private Instant later(int seconds) {
    return world.clock().wallTime().plusSeconds(seconds);
  }

  @Test
  void underLoadASourceWithACookieIsServedOnlySoOften() {
    flood(2_000);
    world.wire().forget();
    carol.send(carol.initiation(later(1)));
    assertTrue(carol.cookie().consumeReply(carol.onlyReceived(COOKIE_REPLY)));
    for (int i = 0; i < 10; i++) {
      carol.send(carol.initiation(later(2 + i)));
    }
    assertEquals(10 - Limits.HANDSHAKE_BURST, alice.drops(Drop.RATE_LIMITED));
  }

  @Test
  void loadIsOverAfterASecond() {
    flood(2_000);
    world.advanceSeconds(1);
    world.wire().forget();
    carol.send(carol.initiation(later(1)));
    assertEquals(1, carol.received(RESPONSE).size());
  }

  @Test
  void aCookieReplyGoesIntoTheNextMessageWithItsEndpointUnchanged() {
    sendToCarol();
    byte[] initiation = carol.onlyReceived(INITIATION);
    CookieChecker checker = new CookieChecker(carol.publicKey(), world.random());
    byte[] reply = checker.createReply(initiation, alice.endpoint(), world.clock().nanoTime());
    world.eveSends(World.EVE, alice, reply);
    assertTrue(
        alice.stateOf(carol.publicKey()).endpoint().orElseThrow().sameRemote(HandmadePeer.ENDPOINT), "no roaming");
    world.eveSends(World.EVE, alice, reply);
    assertEquals(1, alice.drops(Drop.BAD_COOKIE_REPLY), "used once");
    world.advanceSeconds(6);
    byte[] retry = carol.received(INITIATION).get(1).bytes();
    assertTrue(checker.checkMac2(retry, alice.endpoint(), world.clock().nanoTime()));

    carol.send(carol.initiation());
    byte[] response = carol.onlyReceived(RESPONSE);
    assertTrue(checker.checkMac2(response, alice.endpoint(), world.clock().nanoTime()), "responses carry it too");
  }

  @Test
  void aFloodFromSpoofedSourcesLeavesEstablishedPeersAloneAndTheQueueBounded() {
    world.handshake();
    bob.tun().takeReceived();
    world.wire().record(false);
    byte[] initiation = carol.initiation();
    int exchanged = 0;
    int perRound = 10_000;
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < perRound; i++) {
        Endpoint spoofed = new Endpoint(IpAddress.v4(0x14000000 + round * perRound + i), 1 + i % 60_000);
        world.wire().send(spoofed, alice.endpoint(), initiation, 0);
        if (i % 1_000 == 0) {
          bob.tun().send(world.packet(bob, alice, 100));
          alice.tun().send(world.packet(alice, bob, 100));
          exchanged++;
        }
      }
      world.settle();
    }
    assertEquals(exchanged, alice.tun().takeReceived().size());
    assertEquals(exchanged, bob.tun().takeReceived().size());
    long queueFull = alice.drops(Drop.HANDSHAKE_QUEUE_FULL);
    long cookies = alice.drops(Drop.COOKIE_DEMANDED);
    assertTrue(queueFull > 0, "the queue is bounded");
    assertTrue(cookies > 10 * Limits.UNDER_LOAD_AT, cookies + " cookies demanded");
    assertEquals(10L * perRound, queueFull + cookies, "each message has its fate, and none costs a handshake");
    world.wire().record(true);
    world.advanceSeconds(2);
    carol.handshake();
  }
}
