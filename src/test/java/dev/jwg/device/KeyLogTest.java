package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.protocol.Initiation;
import dev.jwg.protocol.Response;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.Host;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyLogTest {
  private static final PresharedKey PRESHARED = PresharedKey.parseHex("5a".repeat(32));

  private final World world = new World(11);
  private final Host alice = world.alice();
  private final Host bob = world.bob();

  /** What was told of one handshake: the public half of the ephemeral key, and the very object that is to be erased. */
  private record Told(
      PrivateKey localStatic, PublicKey remoteStatic, PublicKey ephemeral, PrivateKey erased, PresharedKey preshared) {}

  /** All that the host tells from now on, each with what had crossed the wire by then. */
  private List<Told> listenTo(Host host, List<Integer> sentBefore) {
    List<Told> told = new ArrayList<>();
    host.keyLog(
        (ours, theirs, ephemeral, preshared) -> {
          assertFalse(ephemeral.isZero());
          sentBefore.add(world.wire().sent().size());
          told.add(
              new Told(PrivateKey.of(ours.toBytes()), theirs, X25519.publicKey(ephemeral), ephemeral,
                  PresharedKey.of(preshared.toBytes())));
        });
    return told;
  }

  private List<Told> listenTo(Host host) {
    return listenTo(host, new ArrayList<>());
  }

  private static byte[] field(Datagram datagram, int offset) {
    return Arrays.copyOfRange(datagram.bytes(), offset, offset + PublicKey.LENGTH);
  }

  @Test
  void bothSidesTellTheKeysOfTheirMessagesBeforeTheseAreSent() {
    alice.change(bob.publicKey(), new PeerChange().presharedKey(PRESHARED));
    bob.change(alice.publicKey(), new PeerChange().presharedKey(PRESHARED));
    List<Integer> sentBeforeAlices = new ArrayList<>();
    List<Integer> sentBeforeBobs = new ArrayList<>();
    List<Told> alices = listenTo(alice, sentBeforeAlices);
    List<Told> bobs = listenTo(bob, sentBeforeBobs);
    world.wire().forget();
    world.exchange(alice, bob);

    assertEquals(1, alices.size());
    assertArrayEquals(field(world.wire().sent().get(0), Initiation.EPHEMERAL), alices.get(0).ephemeral.toBytes());
    assertEquals(alice.publicKey(), X25519.publicKey(alices.get(0).localStatic));
    assertEquals(bob.publicKey(), alices.get(0).remoteStatic);
    assertEquals(PRESHARED, alices.get(0).preshared);
    assertEquals(List.of(0), sentBeforeAlices);

    assertEquals(1, bobs.size());
    assertArrayEquals(field(world.wire().sent().get(1), Response.EPHEMERAL), bobs.get(0).ephemeral.toBytes());
    assertEquals(bob.publicKey(), X25519.publicKey(bobs.get(0).localStatic));
    assertEquals(alice.publicKey(), bobs.get(0).remoteStatic);
    assertEquals(PRESHARED, bobs.get(0).preshared);
    assertEquals(List.of(1), sentBeforeBobs);
  }

  @Test
  void whatWasToldIsErasedAfterTheHandshakeAsEver() {
    List<Told> alices = listenTo(alice);
    List<Told> bobs = listenTo(bob);
    world.handshake();
    assertTrue(alices.get(0).erased.isZero());
    assertTrue(bobs.get(0).erased.isZero());
  }

  @Test
  void everyInitiationOfAnAttemptIsTold() {
    List<Told> told = listenTo(alice);
    bob.down();
    world.exchange(alice, bob);
    world.advance(Duration.ofSeconds(6));
    assertEquals(2, told.size());
    assertEquals(2, told.stream().map(Told::ephemeral).distinct().count());
  }

  @Test
  void noPresharedKeyIsToldAsZero() {
    List<Told> told = listenTo(bob);
    world.handshake();
    assertTrue(told.get(0).preshared.isZero());
  }
}
