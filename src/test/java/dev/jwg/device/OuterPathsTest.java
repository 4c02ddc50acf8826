package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.testing.Host;
import dev.jwg.testing.MemoryTun;
import dev.jwg.testing.MemoryUdp;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import dev.jwg.udp.OuterPath;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Alice has two uplinks, interfaces 1 and 2 with an address each; her routing is what a test says. */
class OuterPathsTest {
  private static final IpAddress OTHER = IpAddress.v4(0xc6336401); // 198.51.100.1
  private static final IpAddress V6 = IpAddress.parse("2001:db8::1");
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final World world = new World(5);
  private final Host alice = world.alice();
  private final Host bob = world.bob();
  private final Routing routing = new Routing();

  OuterPathsTest() {
    alice.udp().routing(routing);
  }

  /** The answers of alice's kernel. */
  private static final class Routing implements MemoryUdp.Routing {
    private Optional<OuterPath> toAll = Optional.of(new OuterPath(1, World.ALICE_OUTER));
    private Optional<OuterPath> around = Optional.empty();
    private int questions;

    @Override
    public Optional<OuterPath> path(Endpoint endpoint) {
      questions++;
      boolean named = endpoint.source().hasAddress();
      return toAll.map(way -> named ? new OuterPath(way.interfaceIndex(), endpoint.source().address()) : way);
    }

    @Override
    public Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint) {
      assertEquals(MemoryTun.INDEX, avoided);
      return around;
    }
  }

  private void routeBy(int interfaceIndex, IpAddress source) {
    routing.toAll = Optional.of(new OuterPath(interfaceIndex, source));
    changed();
  }

  private void changed() {
    alice.device().pathsChanged();
    world.settle();
    world.advance(PAUSE);
  }

  private Endpoint.Source source() {
    return alice.stateOf(bob.publicKey()).endpoint().orElseThrow().source();
  }

  private static Endpoint.Source from(IpAddress address, int exit) {
    return new Endpoint.Source(address, exit);
  }

  @Test
  void theSourceIsForgottenWhenItsWayLeadsOutOfAnotherInterface() {
    world.handshake();
    assertEquals(from(World.ALICE_OUTER, 0), source());
    routeBy(2, OTHER);
    assertEquals(Endpoint.Source.NONE, source());
    routeBy(1, World.ALICE_OUTER);
    assertEquals(from(World.ALICE_OUTER, 0), source(), "it serves again");
  }

  @Test
  void aPeerThatGoesOnNamingTheFormerAddressDoesNotBringItBack() {
    world.handshake();
    routeBy(2, OTHER);
    for (int i = 0; i < 5; i++) {
      world.exchange(bob, alice);
      assertEquals(Endpoint.Source.NONE, source());
    }
  }

  @Test
  void theFormerAddressIsNotLearntAnewWhenTheSourceWasForgottenMeanwhile() {
    world.handshake();
    alice.apply(DeviceUpdate.ofFwmark(7)); // forgets the source
    routeBy(2, OTHER);
    world.exchange(bob, alice);
    assertEquals(Endpoint.Source.NONE, source());
  }

  @Test
  void anAnswerLeavesFromTheCalledAddressWhereTheWayBackIsAnother() {
    routeBy(2, OTHER);
    world.exchange(bob, alice);
    assertEquals(from(World.ALICE_OUTER, 0), source());
    changed();
    world.exchange(bob, alice);
    assertEquals(from(World.ALICE_OUTER, 0), source(), "the way back has not changed");
  }

  @Test
  void aResponseToACallThatLeftByTheFormerInterfaceTeachesNoSource() {
    world.wire().copies(datagram -> datagram.from().equals(alice.endpoint()) ? 0 : 1);
    world.exchange(alice, bob); // asks for the way of the initiation
    world.wire().heal();
    routing.toAll = Optional.of(new OuterPath(2, OTHER));
    world.exchange(bob, alice);
    assertEquals(Endpoint.Source.NONE, source());
  }

  @Test
  void anAddressThatMovedToAnotherInterfaceIsKept() {
    world.handshake();
    routeBy(2, World.ALICE_OUTER);
    assertEquals(from(World.ALICE_OUTER, 0), source());
  }

  @Test
  void withoutAnyWayTheSourceIsKept() {
    world.handshake();
    routing.toAll = Optional.empty();
    changed();
    assertEquals(from(World.ALICE_OUTER, 0), source());
  }

  @Test
  void anotherMarkIsAnotherWay() {
    world.handshake();
    routing.toAll = Optional.of(new OuterPath(2, OTHER));
    alice.apply(DeviceUpdate.ofFwmark(7));
    world.exchange(bob, alice);
    assertEquals(Endpoint.Source.NONE, source());
  }

  @Test
  void theFirstChangeIsActedOnAtOnceAndAThousandMoreCostOnePass() {
    world.handshake();
    world.advance(PAUSE);
    routing.questions = 0;
    alice.device().pathsChanged();
    world.settle();
    int onePass = routing.questions;
    assertTrue(onePass > 0);
    for (int i = 0; i < 1_000; i++) {
      alice.device().pathsChanged();
    }
    world.settle();
    assertEquals(onePass, routing.questions);
    world.advance(PAUSE);
    assertEquals(2 * onePass, routing.questions);
    world.advance(PAUSE);
    world.advance(PAUSE);
    assertEquals(2 * onePass, routing.questions);
  }

  @Test
  void packetsAskNoQuestions() {
    world.handshake();
    routing.questions = 0;
    for (int i = 0; i < 100; i++) {
      world.exchange(alice, bob);
      world.exchange(bob, alice);
    }
    assertEquals(0, routing.questions);
  }

  @Test
  void aRouteIntoOurOwnInterfaceIsBypassed() {
    world.handshake();
    routing.around = Optional.of(new OuterPath(3, World.ALICE_OUTER));
    routeBy(MemoryTun.INDEX, World.ALICE_INNER);
    assertEquals(3, source().interfaceIndex());
    world.exchange(bob, alice);
    assertEquals(3, source().interfaceIndex());
    routing.around = Optional.of(new OuterPath(4, OTHER));
    changed();
    assertEquals(from(IpAddress.ANY_V4, 4), source(), "as the best other way changes, the source is forgotten, too");
    routeBy(1, World.ALICE_OUTER);
    assertEquals(0, source().interfaceIndex(), "the routing table decides again");
  }

  @Test
  void withoutAnotherWayDatagramsAreDroppedWithAName() {
    world.handshake();
    routeBy(MemoryTun.INDEX, World.ALICE_INNER);
    world.exchange(alice, bob);
    world.exchange(alice, bob);
    assertEquals(2, alice.drops(Drop.ROUTING_LOOP));
    assertEquals(List.of(), world.wire().sent());
    routeBy(1, World.ALICE_OUTER);
    world.exchange(alice, bob);
    assertEquals(1, bob.tun().takeReceived().size());
  }

  @Test
  void aHandshakeMessageDoesNotEnterTheTunnelEither() {
    routeBy(MemoryTun.INDEX, World.ALICE_INNER);
    world.exchange(alice, bob);
    assertEquals(1, alice.drops(Drop.ROUTING_LOOP));
    assertEquals(List.of(), world.wire().sent());
  }

  /** Not one datagram enters when the route appears, before anyone heard of it. */
  @Test
  void anEndpointThatAllowedIpsCoverIsKeptToItsInterfaceBeforehand() {
    IpPrefix upperHalf = new IpPrefix(IpAddress.v4(0x80000000), 1);
    alice.change(bob.publicKey(), new PeerChange().allow(upperHalf));
    world.handshake();
    assertEquals(from(World.ALICE_OUTER, 1), source());
    routeBy(2, OTHER);
    assertEquals(from(IpAddress.ANY_V4, 2), source(), "it follows the routing");
    alice.apply(DeviceUpdate.ofFwmark(7));
    assertEquals(0, source().interfaceIndex(), "a mark keeps datagrams apart: the table decides");
  }

  @Test
  void ipv6KeepsToAnInterfaceOnlyWithoutASource() {
    Endpoint told = new Endpoint(V6, 5, 0, from(V6, 0));
    assertEquals(from(IpAddress.v6(0, 0), 3), new Steering(List.of(), 3).steered(told).source());
    assertEquals(told, Steering.BY_TABLE.steered(told));
    assertFalse(new Steering(List.of(V6), 0).steered(told).source().hasAddress());
    Endpoint onLink = new Endpoint(IpAddress.parse("fe80::1"), 5, 2, from(IpAddress.parse("fe80::2"), 2));
    assertEquals(onLink, new Steering(List.of(), 3).steered(onLink));
  }
}
