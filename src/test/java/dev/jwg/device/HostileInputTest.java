package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.net.Endpoint;
import dev.jwg.noise.CookieChecker;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.HandmadePeer;
import dev.jwg.testing.Host;
import dev.jwg.testing.Packets;
import dev.jwg.testing.World;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever arrives is dropped under a name, and the genuine message is taken afterwards. */
class HostileInputTest {
  private final World world = new World(6);
  private final Host alice = world.alice();
  private final HandmadePeer carol = new HandmadePeer(world, alice);

  private Map<Drop, Long> drops() {
    Map<Drop, Long> drops = new EnumMap<>(Drop.class);
    for (Drop reason : Drop.values()) {
      drops.put(reason, alice.drops(reason));
    }
    return drops;
  }

  /** Sends a message that must die for one of {@code reasons}. */
  private void assertDropped(byte[] message, String what, Drop... reasons) {
    Map<Drop, Long> before = drops();
    long countBefore = count(reasons);
    carol.send(message);
    assertEquals(
        1, count(reasons) - countBefore, () -> what + ": one of " + List.of(reasons) + "; " + before + " → " + drops());
  }

  private long count(Drop... reasons) {
    return Arrays.stream(reasons).mapToLong(alice::drops).sum();
  }

  private void assertEveryTruncationIsMalformed(byte[] message) {
    for (int length = 0; length < message.length; length++) {
      assertDropped(Arrays.copyOf(message, length), "cut to " + length, Drop.MALFORMED_DATAGRAM);
    }
    assertDropped(Arrays.copyOf(message, message.length + 1), "one byte more", Drop.MALFORMED_DATAGRAM);
  }

  private static byte[] flipped(byte[] message, int bit) {
    byte[] altered = message.clone();
    altered[bit / 8] ^= (byte) (1 << (bit % 8));
    return altered;
  }

  private byte[] toCarol() {
    world.wire().forget();
    alice.tun().send(Packets.udp(alice.inner(), HandmadePeer.INNER, 100, 1));
    world.settle();
    return carol.onlyReceived(Datagram.Kind.INITIATION);
  }

  @Test
  void anInitiationDamagedAnywhereIsDroppedAndTheGenuineOneAnswered() {
    byte[] initiation = carol.initiation();
    assertEveryTruncationIsMalformed(initiation);
    int mac2 = 132 * 8;
    for (int bit = 0; bit < mac2; bit++) {
      assertDropped(
          flipped(initiation, bit), "bit " + bit, bit < 32 ? Drop.MALFORMED_DATAGRAM : Drop.BAD_MAC1);
    }
    carol.send(initiation);
    assertEquals(1, carol.received(Datagram.Kind.RESPONSE).size());
  }

  @Test
  void anInitiationDamagedBeforeItsMacsWereMadeIsDroppedAndTheGenuineOneAnswered() {
    byte[] initiation = carol.initiation();
    for (int bit = 8 * 8; bit < 116 * 8; bit++) {
      byte[] altered = flipped(initiation, bit);
      // The top bit of a Curve25519 point is ignored by the product (RFC 7748 section 5) but hashed all the same.
      assertDropped(carol.stamped(altered), "bit " + bit, Drop.UNKNOWN_INITIATOR);
    }
    carol.send(carol.stamped(initiation));
    assertEquals(1, carol.received(Datagram.Kind.RESPONSE).size());
  }

  @Test
  void aResponseDamagedAnywhereIsDroppedAndTheGenuineOneTaken() {
    byte[] response = carol.response(toCarol(), PresharedKey.none());
    assertEveryTruncationIsMalformed(response);
    for (int bit = 0; bit < 76 * 8; bit++) {
      assertDropped(flipped(response, bit), "bit " + bit, bit < 32 ? Drop.MALFORMED_DATAGRAM : Drop.BAD_MAC1);
    }
    for (int bit = 8 * 8; bit < 60 * 8; bit++) {
      assertDropped(
          carol.stamped(flipped(response, bit)), "bit " + bit, Drop.BAD_RESPONSE, Drop.UNKNOWN_RECEIVER);
    }
    carol.send(carol.stamped(response));
    assertEquals(1, carol.received(Datagram.Kind.DATA).size());
  }

  @Test
  void aCookieReplyDamagedAnywhereIsDroppedAndTheGenuineOneTaken() {
    CookieChecker checker = new CookieChecker(carol.publicKey(), world.random());
    byte[] reply = checker.createReply(toCarol(), alice.endpoint(), world.clock().nanoTime());
    assertEveryTruncationIsMalformed(reply);
    for (int bit = 0; bit < 64 * 8; bit++) {
      assertDropped(flipped(reply, bit), "bit " + bit, bit < 32 ? Drop.MALFORMED_DATAGRAM : Drop.BAD_COOKIE_REPLY);
    }
    carol.send(reply);
    assertEquals(64 * 8 - 32, alice.drops(Drop.BAD_COOKIE_REPLY), "the genuine one is not among them");
  }

  @Test
  void dataDamagedAnywhereIsDroppedAndTheGenuineMessageDelivered() {
    carol.handshake();
    byte[] data = carol.data(5, carol.packet(96, 1));
    for (int length = 0; length < data.length; length++) {
      assertDropped(
          Arrays.copyOf(data, length), "cut to " + length, length < 32 ? Drop.MALFORMED_DATAGRAM : Drop.BAD_TAG);
    }
    for (int bit = 0; bit < data.length * 8; bit++) {
      Drop expected =
          bit < 32 ? Drop.MALFORMED_DATAGRAM : bit < 64 ? Drop.UNKNOWN_RECEIVER : Drop.BAD_TAG;
      assertDropped(flipped(data, bit), "bit " + bit, expected);
    }
    assertEquals(List.of(), alice.tun().takeReceived());
    carol.send(data);
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void randomDatagramsOfEveryLengthAreDroppedAndAGenuineExchangeFollows() {
    Random random = new Random(7);
    int sent = 5_000;
    for (int i = 0; i < sent; i++) {
      byte[] datagram = new byte[i % 10 == 0 ? new int[] {148, 92, 64}[random.nextInt(3)] : random.nextInt(300)];
      random.nextBytes(datagram);
      if (datagram.length >= 4 && random.nextBoolean()) {
        datagram[0] = (byte) (1 + random.nextInt(4));
        Arrays.fill(datagram, 1, 4, (byte) 0);
      }
      world.wire().send(World.EVE, alice.endpoint(), datagram, random.nextInt(256));
      if (i % 100 == 0) {
        world.settle();
      }
    }
    world.settle();
    assertEquals(sent, drops().values().stream().mapToLong(Long::longValue).sum());
    carol.handshake();
    carol.send(carol.data(0, carol.packet(96, 1)));
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void theLargestDatagramIsDroppedAndTheNextOneTaken() {
    carol.handshake();
    carol.send(new byte[65_507]);
    assertEquals(1, alice.drops(Drop.MALFORMED_DATAGRAM));
    byte[] huge = new byte[65_507];
    huge[0] = 4;
    carol.send(huge);
    assertEquals(1, alice.drops(Drop.UNKNOWN_RECEIVER));
    carol.send(carol.data(0, carol.packet(96, 1)));
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void evesReplaysOfAWholeConversationDoNothing() {
    world.exchange(alice, world.bob());
    world.exchange(world.bob(), alice);
    world.bob().tun().takeReceived();
    alice.tun().takeReceived();
    List<Datagram> conversation = world.wire().sent();
    world.wire().forget();
    for (Datagram captured : conversation) {
      world.wire().send(World.EVE, captured.to(), captured.bytes(), 0);
    }
    world.settle();
    assertEquals(List.of(), alice.tun().takeReceived());
    assertEquals(List.of(), world.bob().tun().takeReceived());
    assertEquals(conversation.size(), world.wire().sent().size(), "nobody answered");
    Endpoint known = alice.stateOf(world.bob().publicKey()).endpoint().orElseThrow();
    assertTrue(known.sameRemote(world.bob().endpoint()));
  }

  @Test
  void randomPacketsFromTheHostAreDroppedOrSent() {
    world.handshake();
    Random random = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      byte[] packet = new byte[random.nextInt(200)];
      random.nextBytes(packet);
      if (packet.length > 0 && random.nextBoolean()) {
        packet[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
      }
      alice.tun().send(packet);
    }
    world.settle();
    assertTrue(alice.drops(Drop.MALFORMED_PACKET) > 1_000);
    byte[] genuine = world.exchange(alice, world.bob());
    List<byte[]> received = world.bob().tun().takeReceived();
    assertTrue(Arrays.equals(genuine, received.get(received.size() - 1)));
  }
}
