package dev.jwg.device;

import static dev.jwg.testing.Datagram.Kind.INITIATION;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.session.Session;
import dev.jwg.session.SessionSlots;
import dev.jwg.testing.HandmadePeer;
import dev.jwg.testing.Host;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Changes of the configuration, and of the interface's state, under a live tunnel. */
class DeviceTest {
  private static final IpAddress CAROL = IpAddress.v4(0xc0000203);
  private static final IpAddress INNER = IpAddress.v4(0x0a000003);

  private final World world = new World(1);
  private final Host alice = world.alice();
  private final Host bob = world.bob();

  private void assertPasses(Host from, Host to) {
    byte[] packet = world.exchange(from, to);
    List<byte[]> received = to.tun().takeReceived();
    assertEquals(1, received.size());
    assertArrayEquals(packet, received.get(0));
  }

  private void assertDoesNotPass(Host from, Host to) {
    world.exchange(from, to);
    assertEquals(List.of(), to.tun().takeReceived());
  }

  private long initiations() {
    return world.wire().sent().stream().filter(datagram -> datagram.kind() == INITIATION).count();
  }

  @Test
  void theFirstPacketBeginsAHandshakeAndArrives() {
    assertPasses(alice, bob);
    assertEquals(
        List.of("0 alice INITIATION", "0 bob RESPONSE", "0 alice DATA"), world.story(Duration.ZERO));
  }

  @Test
  void aRemovedPeerIsSilentAndAddedBackItWorksAgain() {
    world.handshake();
    alice.remove(bob.publicKey());
    world.exchange(bob, alice);
    assertEquals(1, alice.drops(Drop.UNKNOWN_RECEIVER));
    assertEquals(1, aliceSendsUnroutable());
    alice.tun().takeReceived(); // the ICMP error
    world.advanceSeconds(6);
    world.introduce(alice, bob);
    world.settle();
    assertPasses(alice, bob);
    assertPasses(bob, alice);
  }

  private long aliceSendsUnroutable() {
    world.exchange(alice, bob);
    return alice.drops(Drop.NO_PEER_FOR_DESTINATION);
  }

  @Test
  void replacingPeersRemovesThoseThatAreNotNamed() {
    world.handshake();
    HandmadePeer carol = new HandmadePeer(world, alice);
    DeviceUpdate onlyCarol =
        new DeviceUpdate(
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            true,
            List.of(new PeerChange().allow(HandmadePeer.INNER).to(carol.publicKey())));
    alice.apply(onlyCarol);
    assertEquals(1, alice.device().state().peers().size());
    assertEquals(carol.publicKey(), alice.device().state().peers().get(0).publicKey());
    assertDoesNotPass(bob, alice);
  }

  @Test
  void updateOnlyMakesNoPeer() {
    alice.change(X25519.publicKey(X25519.generate(world.random())), new PeerChange().updateOnly());
    assertEquals(1, alice.device().state().peers().size());
  }

  @Test
  void ourOwnKeyIsNoPeer() {
    alice.change(alice.publicKey(), new PeerChange());
    assertEquals(1, alice.device().state().peers().size());
  }

  @Test
  void aNewPrivateKeyRemovesThePeerThatHasIt() {
    alice.identify(bob.privateKey());
    assertEquals(List.of(), alice.device().state().peers());
  }

  @Test
  void aNewPrivateKeyExpiresSendingButStillReceivesAndTheNextHandshakeUsesIt() {
    world.handshake();
    PrivateKey fresh = X25519.generate(world.random());
    alice.identify(fresh);
    assertPasses(bob, alice);
    assertDoesNotPass(alice, bob);
    assertEquals(1, initiations(), "although the last handshake message is younger than five seconds");
    assertEquals(1, bob.drops(Drop.UNKNOWN_INITIATOR), "bob does not know the new key");
    bob.change(X25519.publicKey(fresh), new PeerChange().endpoint(alice.endpoint()).allow(alice.inner()));
    world.advanceSeconds(6);
    assertEquals(1, bob.tun().takeReceived().size());
    assertPasses(bob, alice);
  }

  @Test
  void privateKeyIsShownAsItIsUsedClampedAsTheKernelDoes() {
    byte[] raw = new byte[PrivateKey.LENGTH];
    Arrays.fill(raw, (byte) 0xff);
    alice.identify(PrivateKey.of(raw));
    byte[] shown = alice.device().state().privateKey().orElseThrow().toBytes();
    assertEquals((byte) 0xf8, shown[0]);
    assertEquals((byte) 0x7f, shown[31]);
  }

  @Test
  void withoutAPrivateKeyThereAreNoHandshakes() {
    alice.identify(PrivateKey.of(new byte[32]));
    assertDoesNotPass(alice, bob);
    assertDoesNotPass(bob, alice);
    assertEquals(1, initiations(), "bob's only");
    assertTrue(alice.drops(Drop.NO_PRIVATE_KEY) >= 2);
  }

  @Test
  void aPresharedKeyMayBeSetToTheVeryObjectThatTheStateShows() {
    byte[] secret = new byte[32];
    secret[5] = 1;
    alice.change(bob.publicKey(), new PeerChange().presharedKey(PresharedKey.of(secret)));
    PresharedKey shown = alice.stateOf(bob.publicKey()).presharedKey().orElseThrow();
    alice.change(bob.publicKey(), new PeerChange().presharedKey(shown));
    assertArrayEquals(secret, alice.stateOf(bob.publicKey()).presharedKey().orElseThrow().toBytes());
  }

  @Test
  void anAllowedIpGivenToASecondPeerMoves() {
    world.handshake();
    HandmadePeer carol = new HandmadePeer(world, alice);
    alice.change(carol.publicKey(), new PeerChange().allow(bob.inner()));
    assertEquals(List.of(), alice.stateOf(bob.publicKey()).allowedIps());
    assertEquals(2, alice.stateOf(carol.publicKey()).allowedIps().size());
    assertDoesNotPass(bob, alice);
    assertEquals(1, alice.drops(Drop.SOURCE_NOT_ALLOWED));
    alice.change(carol.publicKey(), new PeerChange().disallow(new IpPrefix(bob.inner(), 32)));
    alice.change(bob.publicKey(), new PeerChange().replaceAllowedIps().allow(new IpPrefix(bob.inner(), 24)));
    assertPasses(bob, alice);
    assertPasses(alice, bob);
  }

  @Test
  void takingAnAllowedIpFromAPeerThatDoesNotOwnItDoesNothing() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    alice.change(carol.publicKey(), new PeerChange().disallow(new IpPrefix(bob.inner(), 32)));
    assertPasses(alice, bob);
  }

  @Test
  void editingALivePeerKeepsItsSession() {
    world.handshake();
    alice.change(
        bob.publicKey(),
        new PeerChange().endpoint(bob.endpoint()).persistentKeepalive(25).replaceAllowedIps().allow(bob.inner()));
    assertPasses(alice, bob);
    assertEquals(0, initiations());
  }

  @Test
  void goingDownErasesTheSessionsAndComingUpStartsAtOnce() {
    world.handshake();
    Peer atAlice = Peers.of(alice, bob.publicKey());
    Session session = atAlice.slots().all().get(0);
    assertTrue(session.canSend(world.clock().nanoTime()));
    alice.down();
    world.settle();
    assertEquals(SessionSlots.EMPTY, atAlice.slots());
    assertFalse(session.canSend(world.clock().nanoTime()), "erased");
    assertFalse(alice.udp().isBound());
    assertDoesNotPass(bob, alice);
    world.advanceSeconds(30);
    alice.up();
    assertPasses(alice, bob);
  }

  @Test
  void nothingIsSentWhileTheInterfaceIsDown() {
    world.handshake();
    world.advanceSeconds(20); // bob's passive keepalive is over
    alice.change(bob.publicKey(), new PeerChange().persistentKeepalive(5));
    world.settle();
    alice.down();
    world.settle();
    world.wire().forget();
    world.advanceSeconds(200);
    assertEquals(List.of(), world.story(Duration.ZERO));
    alice.up();
    world.settle();
    assertEquals("220 alice INITIATION", world.story(Duration.ZERO).get(0), "the persistent keepalive's");
  }

  @Test
  void handshakeMessagesQueuedWhenTheInterfaceGoesDownMakeNoSession() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    world.wire().send(HandmadePeer.ENDPOINT, alice.endpoint(), carol.initiation(), 0);
    alice.tun().send(world.packet(alice, bob, 100)); // a request for a handshake is under way too
    world.carryWithoutControl();
    alice.down();
    world.settle();
    assertEquals(1, alice.drops(Drop.INTERFACE_DOWN));
    assertEquals(SessionSlots.EMPTY, Peers.of(alice, carol.publicKey()).slots());
    world.advanceSeconds(30);
    assertEquals(1, world.wire().sent().size(), "carol's initiation only");
  }

  @Test
  void keysOfAReplacedSessionAreErased() {
    world.handshake();
    Session first = Peers.of(alice, bob.publicKey()).slots().all().get(0);
    for (int rekey = 0; rekey < 2; rekey++) {
      world.advanceSeconds(121);
      assertPasses(alice, bob);
    }
    assertFalse(Peers.of(alice, bob.publicKey()).slots().all().contains(first));
    assertFalse(first.canSend(world.clock().nanoTime() - Duration.ofSeconds(200).toNanos()), "erased, not only old");
  }

  @Test
  void aRequestThatFailsChangesNothing() {
    Host carol = world.add("carol", CAROL, INNER);
    int taken = world.occupy(CAROL);
    DeviceUpdate update =
        new DeviceUpdate(
            Optional.of(X25519.generate(world.random())),
            OptionalInt.of(taken),
            OptionalInt.of(9),
            true,
            List.of(new PeerChange().to(bob.publicKey())));
    DeviceState before = carol.device().state();
    assertThrows(IOException.class, () -> carol.device().apply(update));
    assertEquals(before, carol.device().state());
    assertEquals(0, carol.udp().mark());
    assertEquals(51_820, carol.endpoint().port());
  }

  private DeviceUpdate port(int port) {
    return new DeviceUpdate(Optional.empty(), OptionalInt.of(port), OptionalInt.empty(), false, List.of());
  }

  @Test
  void renamedInterfacePassesPacketsAndItsOwnerHearsTheName() {
    assertPasses(alice, bob);
    alice.tun().link().onName("wg1");
    assertEquals(List.of("wg1"), alice.names());
    assertPasses(alice, bob);
    assertPasses(bob, alice);
  }

  @Test
  void anInterfaceThatCameUpWhileItsPortWasTakenListensOnTheNextPortItIsGiven() {
    int taken = world.occupy(alice.endpoint().address());
    alice.down();
    world.settle(); // what was staged is dropped once all data threads know
    alice.apply(port(taken));
    alice.up();
    assertEquals(1, alice.failures().size());
    assertFalse(alice.device().statistics().up());
    alice.apply(port(taken)); // the same port again is no error, as with the kernel
    assertFalse(alice.device().statistics().up());
    alice.apply(port(4_444));
    assertTrue(alice.device().statistics().up());
    alice.up(); // as `ip link set up` may tell, or not
    assertEquals(4_444, alice.endpoint().port());
    assertPasses(alice, bob);
  }

  @Test
  void anInterfaceThatIsUpListensOnceItsPortIsFree() {
    IpAddress address = alice.endpoint().address();
    int taken = world.occupy(address);
    alice.down();
    alice.apply(port(taken));
    alice.up();
    world.advanceSeconds(10);
    assertFalse(alice.device().statistics().up());
    world.wire().detach(address, taken);
    world.advanceSeconds(3);
    assertTrue(alice.device().statistics().up());
    assertPasses(alice, bob);
  }

  @Test
  void anInterfaceThatIsSetDownAgainDoesNotTakeAPortThatBecomesFree() {
    IpAddress address = alice.endpoint().address();
    int taken = world.occupy(address);
    alice.down();
    alice.apply(port(taken));
    alice.up();
    alice.down();
    world.wire().detach(address, taken);
    world.advanceSeconds(10);
    assertFalse(alice.udp().isBound());
    alice.up();
    assertPasses(alice, bob);
  }

  @Test
  void aNewPortIsHeardOfByPeersWithTheNextPacket() {
    world.handshake();
    alice.apply(
        new DeviceUpdate(Optional.empty(), OptionalInt.of(4_444), OptionalInt.empty(), false, List.of()));
    assertEquals(Endpoint.Source.NONE, alice.stateOf(bob.publicKey()).endpoint().orElseThrow().source());
    assertPasses(alice, bob);
    assertPasses(bob, alice);
    assertEquals(4_444, bob.stateOf(alice.publicKey()).endpoint().orElseThrow().port());
  }

  @Test
  void aNewMarkMakesTheCachedSourceVoid() {
    world.handshake();
    assertNotEquals(Endpoint.Source.NONE, alice.stateOf(bob.publicKey()).endpoint().orElseThrow().source());
    alice.apply(DeviceUpdate.ofFwmark(7));
    assertEquals(7, alice.udp().mark());
    assertEquals(Endpoint.Source.NONE, alice.stateOf(bob.publicKey()).endpoint().orElseThrow().source());
  }

  @Test
  void countersTellWhatCrossedTheWire() {
    world.exchange(alice, bob);
    long sent =
        world.wire().sent().stream()
            .filter(datagram -> datagram.from().equals(alice.endpoint()))
            .mapToLong(datagram -> datagram.bytes().length)
            .sum();
    assertEquals(sent, alice.stateOf(bob.publicKey()).sentBytes());
    assertEquals(sent, bob.stateOf(alice.publicKey()).receivedBytes());
    assertEquals(
        Optional.of(world.clock().wallTime()), bob.stateOf(alice.publicKey()).lastHandshake());
  }

  @Test
  void noSecretIsInAnyText() {
    world.handshake();
    byte[] secret = new byte[32];
    secret[3] = 99;
    PresharedKey presharedKey = PresharedKey.of(secret);
    alice.change(bob.publicKey(), new PeerChange().presharedKey(presharedKey));
    Peer peer = Peers.of(alice, bob.publicKey());
    PeerUpdate update = new PeerChange().presharedKey(presharedKey).to(bob.publicKey());
    DeviceUpdate whole =
        new DeviceUpdate(
            Optional.of(alice.privateKey()), OptionalInt.empty(), OptionalInt.empty(), false, List.of(update));
    String text =
        List.of(
                alice.device(), alice.device().state(), peer, peer.handshake(), peer.slots(), update, whole,
                peer.handshake().remote(), peer.handshake().pending(), peer.handshake().cookie(), peer.timers())
            .toString();
    for (String shown :
        List.of(
            alice.privateKey().toBase64(), alice.privateKey().toHex(), presharedKey.toBase64(), presharedKey.toHex())) {
      assertFalse(text.contains(shown));
    }
    assertTrue(text.contains("hidden"), "keys are in there, and say so");
  }
}
