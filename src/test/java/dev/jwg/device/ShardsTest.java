package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Batch;
import dev.jwg.session.Session;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.Host;
import dev.jwg.testing.World;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Devices with two data shards, of which a test says which one packets and datagrams come to. */
class ShardsTest {
  private final World world = new World(5, 2);
  private final Host alice = world.alice();
  private final Host bob = world.bob();

  private List<byte[]> packets(int count) {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      packets.add(world.packet(alice, bob, 100));
    }
    return packets;
  }

  private Session aliceSession() {
    Session session = Peers.of(alice, bob.publicKey()).slots().current();
    assertNotNull(session);
    return session;
  }

  private static int seal(Session session) {
    Batch batch = new Batch(1000, 1);
    batch.append(16);
    return session.seal(batch, 0, 1);
  }

  @Test
  void bothShardsSealUnderOneSessionWithoutACounterTwice() {
    world.handshake();
    for (int round = 0; round < 10; round++) {
      alice.tun().queues().get(0).send(packets(7));
      alice.tun().queues().get(1).send(packets(5));
    }
    Set<Long> counters = new HashSet<>();
    world.wire().sent().forEach(datagram -> counters.add(datagram.counter()));
    assertEquals(120, counters.size());
    world.settle();
    assertEquals(120, bob.tun().takeReceived().size());
    assertEquals(0, bob.drops(Drop.REPLAYED) + bob.drops(Drop.BAD_TAG));
  }

  @Test
  void aMessageThatOneShardOpenedIsAReplayOnTheOther() {
    world.handshake();
    world.exchange(alice, bob);
    Datagram sent = world.wire().sent().get(0);
    assertEquals(1, bob.tun().takeReceived().size());
    bob.udp().receiveOn(1);
    world.wire().send(sent.from(), sent.to(), sent.bytes(), 0);
    world.settle();
    assertEquals(0, bob.tun().takeReceived().size());
    assertEquals(1, bob.drops(Drop.REPLAYED));
  }

  @Test
  void aSessionMadeOnOneShardIsConfirmedAndUsedOnTheOther() {
    alice.udp().receiveOn(1);
    bob.udp().receiveOn(1);
    world.handshake();
    bob.tun().queues().get(0).send(List.of(world.packet(bob, alice, 100)));
    world.settle();
    assertEquals(1, alice.tun().takeReceived().size());
    assertEquals(List.of(Datagram.Kind.DATA), world.wire().sent().stream().map(Datagram::kind).toList());
  }

  @Test
  void packetsStagedByBothShardsGoOutOnceThereIsASession() {
    alice.tun().queues().get(0).send(packets(3));
    alice.tun().queues().get(1).send(packets(4));
    world.settle();
    assertEquals(7, bob.tun().takeReceived().size());
    assertEquals(1, world.wire().sent().stream().filter(d -> d.kind() == Datagram.Kind.INITIATION).count());
  }

  @Test
  void ofTwoShardsThatHearOnTheNextSessionOneConfirmsIt() {
    world.wire().copies(datagram -> datagram.kind() == Datagram.Kind.DATA ? 0 : 1);
    alice.tun().send(world.packet(alice, bob, 100));
    world.settle();
    Peer peer = Peers.of(bob, alice.publicKey());
    Session next = peer.slots().next();
    assertNotNull(next);
    assertTrue(Peers.handshakesOf(bob).confirm(peer, next));
    assertFalse(Peers.handshakesOf(bob).confirm(peer, next));
    world.settle();
    assertSame(next, peer.slots().current());
    assertEquals(1, peer.handshake().history().counts().completed().get(HandshakeRole.RESPONDER));
  }

  @Test
  void keysAreErasedOnlyOnceEveryShardHasFinishedWhatItWasAt() {
    for (int first = 0; first < 2; first++) {
      world.advanceSeconds(10);
      world.introduce(alice, bob);
      world.exchange(alice, bob);
      Session session = aliceSession();
      alice.remove(bob.publicKey());
      runAll(alice, first);
      assertEquals(1, seal(session), "shard " + (1 - first) + " may be at it");
      runAll(alice, 1 - first);
      assertThrows(IllegalStateException.class, () -> seal(session));
    }
  }

  private static void runAll(Host host, int shard) {
    while (host.shard(shard).runOne()) {}
  }

  @Test
  void trafficOfBothShardsIsCounted() {
    world.handshake();
    long before = alice.stateOf(bob.publicKey()).sentBytes();
    alice.tun().queues().get(0).send(packets(1));
    alice.tun().queues().get(1).send(packets(1));
    assertEquals(2 * (32 + 112), alice.stateOf(bob.publicKey()).sentBytes() - before);
    bob.udp().receiveOn(1);
    before = bob.stateOf(alice.publicKey()).receivedBytes();
    world.settle();
    assertEquals(2 * (32 + 112), bob.stateOf(alice.publicKey()).receivedBytes() - before);
  }
}
