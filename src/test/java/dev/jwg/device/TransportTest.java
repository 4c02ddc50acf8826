package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.protocol.Limits;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.HandmadePeer;
import dev.jwg.testing.Host;
import dev.jwg.testing.Packets;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TransportTest {
  private static final IpAddress NOWHERE = IpAddress.v4(0x0b000001); // 11.0.0.1
  private static final Endpoint ELSEWHERE = new Endpoint(IpAddress.v4(0xcb007107), 7_777);

  private final World world = new World(3);
  private final Host alice = world.alice();
  private final Host bob = world.bob();

  private Datagram only(Datagram.Kind kind) {
    List<Datagram> all = world.wire().sent().stream().filter(datagram -> datagram.kind() == kind).toList();
    assertEquals(1, all.size(), kind + " of " + world.wire().sent());
    return all.get(0);
  }

  @Test
  void packetsOfEveryLengthArriveUnaltered() {
    world.handshake();
    List<byte[]> packets = new ArrayList<>();
    for (int length = 28; length <= 1_420; length++) {
      packets.add(world.packet(alice, bob, length));
    }
    alice.tun().send(packets);
    world.settle();
    List<byte[]> received = bob.tun().takeReceived();
    assertEquals(packets.size(), received.size());
    for (int i = 0; i < packets.size(); i++) {
      assertArrayEquals(packets.get(i), received.get(i));
    }
  }

  @Test
  void paddingGoesUpToSixteenAndNoFurtherThanTheMtu() {
    world.handshake();
    assertEquals(32 + 112, sealedLength(100));
    assertEquals(32 + 112, sealedLength(112));
    assertEquals(32 + 1_420, sealedLength(1_420), "1424 would not fit");
    assertEquals(32 + 1_420, sealedLength(1_417));
    alice.tun().link().onMtu(1_400);
    assertEquals(32 + 1_400, sealedLength(1_395));
    assertEquals(32 + 1_400 + 32, sealedLength(1_420), "longer than the MTU: the rest counts as a packet");
  }

  private int sealedLength(int packetLength) {
    world.wire().forget();
    alice.tun().send(world.packet(alice, bob, packetLength));
    return only(Datagram.Kind.DATA).bytes().length;
  }

  @Test
  void anUnroutablePacketIsAnsweredWithOneUnreachableErrorWhateverStandsBesideIt() {
    world.handshake();
    byte[] lost = Packets.udp(alice.inner(), NOWHERE, 100, 1);
    byte[] first = world.packet(alice, bob, 100);
    byte[] last = world.packet(alice, bob, 100);
    alice.tun().send(first, lost, last);
    world.settle();
    assertEquals(2, bob.tun().takeReceived().size());
    assertEquals(1, alice.drops(Drop.NO_PEER_FOR_DESTINATION));
    List<byte[]> errors = alice.tun().takeReceived();
    assertEquals(1, errors.size());
    byte[] error = errors.get(0);
    assertEquals(1, error[9], "ICMP");
    assertEquals(3, error[20], "destination unreachable");
    assertArrayEquals(alice.inner().toBytes(), Arrays.copyOfRange(error, 16, 20));
  }

  @Test
  void anUnroutableIpv6PacketIsAnsweredToo() {
    alice.tun().send(Packets.udp(IpAddress.v6(0xfd00L << 48, 1), IpAddress.v6(0xfd01L << 48, 1), 100, 1));
    byte[] error = alice.tun().takeReceived().get(0);
    assertEquals(58, error[6], "ICMPv6");
    assertEquals(1, error[40], "destination unreachable");
  }

  @Test
  void aPacketForAPeerWithoutEndpointIsAnsweredWithUnreachable() {
    Host carol = world.add("carol", IpAddress.v4(0xc0000203), HandmadePeer.INNER);
    carol.change(alice.publicKey(), new PeerChange().allow(alice.inner()));
    carol.tun().send(world.packet(carol, alice, 100));
    world.settle();
    assertEquals(1, carol.drops(Drop.NO_ENDPOINT));
    assertEquals(3, carol.tun().takeReceived().get(0)[20]);
  }

  @Test
  void congestionGoesOutwardAsTheKernelSaysAndDscpDoesNot() {
    world.handshake();
    int[] outer = {0, 1, 2, 2};
    for (int ecn = 0; ecn < 4; ecn++) {
      world.wire().forget();
      alice.tun().send(Packets.udp(alice.inner(), bob.inner(), 100, ecn, 0xb8 | ecn));
      assertEquals(outer[ecn], only(Datagram.Kind.DATA).tos(), "inner " + ecn);
    }
  }

  @Test
  void aStagedPacketKeepsItsCongestionMark() {
    alice.tun().send(Packets.udp(alice.inner(), bob.inner(), 100, 1, 2));
    world.settle();
    assertEquals(2, only(Datagram.Kind.DATA).tos());
  }

  /** INET_ECN_decapsulate of the kernel: rows are the inner, columns the outer mark. */
  @Test
  void congestionIsCombinedInwardAsTheKernelDoesAndALostMarkIsCounted() {
    int[][] combined = {{0, 0, 0, 0}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    long counter = 0;
    for (int inner = 0; inner < 4; inner++) {
      for (int outer = 0; outer < 4; outer++) {
        byte[] packet = Packets.udp(HandmadePeer.INNER, alice.inner(), 96, 1, 0x20 | inner);
        world.wire().send(HandmadePeer.ENDPOINT, alice.endpoint(), carol.data(counter++, packet), outer);
        world.settle();
        List<byte[]> received = alice.tun().takeReceived();
        String marks = "inner " + inner + ", outer " + outer;
        assertEquals(1, received.size(), marks);
        assertEquals(0x20 | combined[inner][outer], received.get(0)[1], marks);
        assertEquals(0, Packets.checksum(received.get(0)), marks);
        boolean wasLost = inner > 0 || outer == 3;
        assertEquals(wasLost ? 1 : 0, alice.device().statistics().lostCongestionMarks(), marks);
      }
    }
  }

  @Test
  void handshakesCarryDscp88() {
    world.exchange(alice, bob);
    assertEquals(0x88, only(Datagram.Kind.INITIATION).tos());
    assertEquals(0x88, only(Datagram.Kind.RESPONSE).tos());
  }

  @Test
  void theInnerSourceMustBelongToTheVeryPeerThatSentThePacket() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    carol.send(carol.data(0, Packets.udp(bob.inner(), alice.inner(), 96, 1)));
    carol.send(carol.data(1, Packets.udp(NOWHERE, alice.inner(), 96, 1)));
    assertEquals(2, alice.drops(Drop.SOURCE_NOT_ALLOWED));
    assertEquals(List.of(), alice.tun().takeReceived());
    carol.send(carol.data(2, carol.packet(96, 1)));
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void whatDecryptsToNoIpPacketIsDroppedAndCounted() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    byte[] longerThanItsMessage = carol.packet(96, 1);
    longerThanItsMessage[2] = (byte) 0xff;
    byte[] headerTooLong = carol.packet(96, 1);
    headerTooLong[0] = 0x4f;
    headerTooLong[2] = 0;
    headerTooLong[3] = 59;
    byte[] wrongVersion = carol.packet(96, 1);
    wrongVersion[0] = 0x55;
    byte[] v6Wrap = new byte[48];
    v6Wrap[0] = 0x60;
    v6Wrap[4] = (byte) 0xff;
    v6Wrap[5] = (byte) 0xff;
    long counter = 0;
    List<byte[]> all =
        List.of(longerThanItsMessage, headerTooLong, wrongVersion, v6Wrap, new byte[16], new byte[1], new byte[200]);
    for (byte[] plaintext : all) {
      carol.send(carol.data(counter++, plaintext));
    }
    assertEquals(all.size(), alice.drops(Drop.MALFORMED_INNER_PACKET));
    assertEquals(List.of(), alice.tun().takeReceived());
  }

  @Test
  void paddingIsCutOffByTheInnerTotalLength() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    byte[] packet = carol.packet(101, 1);
    carol.send(carol.data(0, Arrays.copyOf(packet, 160)));
    assertArrayEquals(packet, alice.tun().takeReceived().get(0));
  }

  @Test
  void randomInnerPacketsOfAPeerDoNoHarm() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    Random random = new Random(4);
    for (int counter = 0; counter < 2_000; counter++) {
      byte[] plaintext = new byte[random.nextInt(200)];
      random.nextBytes(plaintext);
      if (plaintext.length > 0 && random.nextBoolean()) {
        plaintext[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
      }
      carol.send(carol.data(counter, plaintext));
    }
    alice.tun().takeReceived();
    carol.send(carol.data(2_000, carol.packet(96, 1)));
    assertEquals(1, alice.tun().takeReceived().size());
  }

  @Test
  void theEndpointFollowsDataKeepalivesAndInitiationsButNoReplayAndNoForgery() {
    HandmadePeer carol = new HandmadePeer(world, alice);
    carol.handshake();
    byte[] data = carol.data(0, carol.packet(96, 1));
    carol.send(data);
    assertReachedAt(carol, HandmadePeer.ENDPOINT);
    carol.sendFrom(ELSEWHERE, data);
    assertEquals(1, alice.drops(Drop.REPLAYED));
    assertReachedAt(carol, HandmadePeer.ENDPOINT);
    byte[] forged = carol.data(1, carol.packet(96, 2));
    forged[40] ^= 1;
    carol.sendFrom(ELSEWHERE, forged);
    assertReachedAt(carol, HandmadePeer.ENDPOINT);

    carol.sendFrom(ELSEWHERE, carol.data(2, carol.packet(96, 3)));
    assertReachedAt(carol, ELSEWHERE);
    carol.send(carol.data(3, new byte[0]));
    assertReachedAt(carol, HandmadePeer.ENDPOINT);
    world.advanceSeconds(1);
    byte[] initiation = carol.initiation();
    carol.sendFrom(ELSEWHERE, initiation);
    assertReachedAt(carol, ELSEWHERE);
    carol.send(initiation);
    assertEquals(1, alice.drops(Drop.OLD_TIMESTAMP), "a replayed initiation");
    assertReachedAt(carol, ELSEWHERE);
  }

  private void assertReachedAt(HandmadePeer peer, Endpoint expected) {
    Endpoint known = alice.stateOf(peer.publicKey()).endpoint().orElseThrow();
    assertTrue(known.sameRemote(expected), known + " instead of " + expected);
  }

  @Test
  void bothSidesFollowEachOtherToNewAddresses() {
    world.handshake();
    alice.udp().moveTo(IpAddress.v4(0xc0000233));
    world.exchange(alice, bob);
    world.exchange(bob, alice);
    assertEquals(1, alice.tun().takeReceived().size(), "bob answers to the new address");
    assertEquals(1, bob.tun().takeReceived().size());
  }

  @Test
  void repliesLeaveFromTheAddressThatWasContactedUntilItCannotBeUsed() {
    world.handshake();
    world.exchange(bob, alice);
    Datagram reply = only(Datagram.Kind.DATA);
    assertEquals(World.BOB_OUTER, reply.to().source().address());
    bob.udp().sourceUsable(false);
    world.exchange(bob, alice);
    world.wire().forget();
    world.exchange(bob, alice);
    assertEquals(Endpoint.Source.NONE, only(Datagram.Kind.DATA).to().source());
  }

  @Test
  void atMost128PacketsWaitForASessionAndTheOldestGo() {
    bob.down();
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      packets.add(world.packet(alice, bob, 100));
    }
    alice.tun().send(packets);
    world.settle();
    assertEquals(2, alice.drops(Drop.STAGING_OVERFLOW));
    bob.up();
    world.advanceSeconds(6);
    List<byte[]> received = bob.tun().takeReceived();
    assertEquals(Limits.STAGED_PACKETS, received.size());
    assertArrayEquals(packets.get(2), received.get(0));
    assertArrayEquals(packets.get(129), received.get(127));
  }

  @Test
  void aLossyDuplicatingReorderingWireDeliversEachPacketAtMostOnceAndUnaltered() {
    for (long seed = 0; seed < 5; seed++) {
      bulk(seed);
    }
  }

  private static void bulk(long seed) {
    World world = new World(seed);
    Random random = new Random(seed);
    world.handshake();
    world.wire().record(false);
    world.wire().copies(datagram -> random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(8) / 7);
    world.wire().reorder(random);
    Set<String> sent = new TreeSet<>();
    for (int round = 0; round < 200; round++) {
      List<byte[]> packets = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        byte[] packet = world.packet(world.alice(), world.bob(), 60 + random.nextInt(200));
        packets.add(packet);
        sent.add(HexFormat.of().formatHex(packet));
      }
      world.alice().tun().send(packets);
      world.exchange(world.bob(), world.alice());
      world.advanceSeconds(random.nextInt(3));
    }
    List<byte[]> received = world.bob().tun().takeReceived();
    int sentCount = sent.size();
    for (byte[] packet : received) {
      assertTrue(sent.remove(HexFormat.of().formatHex(packet)), "sent, and not received before; seed " + seed);
    }
    assertTrue(received.size() > sentCount * 8 / 10, received.size() + " of " + sentCount + ", seed " + seed);
    assertTrue(world.bob().drops(Drop.REPLAYED) > 0, "the wire did duplicate, seed " + seed);
  }
}
