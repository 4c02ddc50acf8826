package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints of several data shards, both ends alike. */
@NetworkTest
final class ShardsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int STREAMS = 8;

  /** What {@code seq 1000000} prints. */
  private static final int STREAM_BYTES = 6_888_896;

  /** Of 2000 flows each thread gets hundreds; many may come in one wake-up. */
  private static final int FLOW_WAKE_UPS = 5;

  private static final int FIRST_PORT = 5201;
  private static final int LAST_PORT = FIRST_PORT + STREAMS - 1;

  static Stream<Arguments> shardsAndFamilies() {
    return Stream.of(2, 4).flatMap(shards -> Stream.of(Family.values()).map(family -> Arguments.of(shards, family)));
  }

  private static Tunnel tunnel(Lab lab, int shards) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.sides().forEach(side -> side.options("--shards", Integer.toString(shards)));
    return tunnel;
  }

  @ParameterizedTest(name = "{displayName} {0} shards over {1}")
  @MethodSource("shardsAndFamilies")
  void pingsAndManyStreamsAtOncePassUnchangedBothWays(int shards, Family outer, Lab lab) {
    Tunnel tunnel = tunnel(lab, shards).over(outer).start().connect();
    for (Side side : tunnel.sides()) {
      tunnel.otherThan(side).inner().forEach(side::ping);
      side.program().awaitLine("packets pass on " + shards + " data shards", LIMIT);
    }
    Running atResponder = receive(tunnel.responder());
    Running atInitiator = receive(tunnel.initiator());
    Running there = send(tunnel.initiator(), tunnel.responder());
    Running back = send(tunnel.responder(), tunnel.initiator());
    there.awaitExit(LIMIT).orFail();
    back.awaitExit(LIMIT).orFail();
    String sum = tunnel.initiator().host().sh("seq 1000000 | sha256sum").strip();
    for (Running receivers : List.of(atResponder, atInitiator)) {
      assertEquals(Collections.nCopies(STREAMS, sum), receivers.awaitExit(LIMIT).orFail().lines().toList());
    }
    assertTotals(tunnel.initiator(), tunnel.responder());
    assertTotals(tunnel.responder(), tunnel.initiator());
  }

  private static Running receive(Side side) {
    Running receivers = side.host().start("bash", "-c", """
        for port in $(seq %d %d); do ncat -l $port | sha256sum & done
        wait
        """.formatted(FIRST_PORT, LAST_PORT));
    Await.until("all streams are awaited", LIMIT, () -> listening(side) == STREAMS);
    return receivers;
  }

  private static long listening(Side side) {
    return side.host().sh("ss -Hltn4 'sport >= %d and sport <= %d'".formatted(FIRST_PORT, LAST_PORT)).lines().count();
  }

  /** Each other stream over the other inner family. */
  private static Running send(Side from, Side to) {
    return from.host().start("bash", "-c", """
        addresses=(%s)
        for port in $(seq %d %d); do
          seq 1000000 | ncat --send-only ${addresses[port %% 2]} $port &
        done
        wait
        """.formatted(String.join(" ", to.inner()), FIRST_PORT, LAST_PORT));
  }

  /** TCP's acknowledgements come on top; a lost message is possible, but not many. */
  private static void assertTotals(Side from, Side to) {
    long received = to.receivedBytes();
    long sent = from.sentBytes();
    long streamed = (long) STREAMS * STREAM_BYTES;
    assertTrue(received > streamed, received + " bytes received, " + streamed + " were streamed");
    assertTrue(received <= sent && received > sent - sent / 20, received + " bytes received, " + sent + " sent");
  }

  @ParameterizedTest(name = "{displayName} {0} shards")
  @ValueSource(ints = {2, 4})
  void flowsAreSpreadOverAllShards(int shards, Lab lab) {
    Tunnel tunnel = tunnel(lab, shards).start().connect();
    Side from = tunnel.initiator();
    Map<String, Long> before = wakeUps(from);
    assertEquals(shards, before.size(), before.toString());
    // Each word from a port of its own, and never answered: answered flows come to the shard of the peer.
    from.host().sh("for i in $(seq 2000); do echo $i >/dev/udp/%s/9; done".formatted(tunnel.responder().inner4()));
    Await.until("all data threads woke up for packets", LIMIT, () -> {
      Map<String, Long> after = wakeUps(from);
      return before.entrySet().stream().allMatch(
          thread -> after.getOrDefault(thread.getKey(), 0L) - thread.getValue() >= FLOW_WAKE_UPS);
    });
  }

  /**
   * How often the data threads were given a processor, by thread name: an idle one waits for descriptors only. Other
   * threads may end between the listing and the look at them.
   */
  private static Map<String, Long> wakeUps(Side side) {
    String shown = side.host().sh("""
        for task in /proc/[0-9]*/task/*; do
          if read -r name <$task/comm && [[ $name == jwg-data* ]] && read -r _ _ turns <$task/schedstat; then
            echo $name $turns
          fi
        done 2>/dev/null
        """);
    Map<String, Long> times = new TreeMap<>();
    shown.lines().map(line -> line.split(" ")).forEach(thread -> times.put(thread[0], Long.parseLong(thread[1])));
    return times;
  }

  @Test
  void anotherListenPortIsThatOfAllShardsAndTheSessionLivesOn(Lab lab) {
    Tunnel tunnel = tunnel(lab, 2).start().connect();
    Side moving = tunnel.initiator();
    assertEquals(4, sockets(moving, Side.PORT), "two shards, two families");
    long handshake = moving.latestHandshake();
    moving.set("listen-port", "51999");
    assertEquals(4, sockets(moving, 51999));
    assertEquals(0, sockets(moving, Side.PORT));
    tunnel.responder().inner().forEach(moving::ping);
    moving.inner().forEach(tunnel.responder()::ping);
    assertEquals(Tunnel.endpoint(moving.outer(Family.IPV4)).replace("51820", "51999"), tunnel.responder().peerEndpoint());
    assertEquals(handshake, moving.latestHandshake());
  }

  private static long sockets(Side side, int port) {
    return side.host().sh("ss -Haun 'sport = :%d'".formatted(port)).lines().count();
  }

  @Test
  void anInterfaceMadeForOneQueueGetsOneShard(Lab lab) {
    Tunnel tunnel = tunnel(lab, 2);
    Side premade = tunnel.initiator();
    premade.host().ok("ip", "tuntap", "add", Side.DEVICE, "mode", "tun");
    tunnel.start().connect();
    premade.program().awaitLine("wg0 was made without multi_queue: it has one queue, not 2", LIMIT);
    assertEquals("[jwg-data]", wakeUps(premade).keySet().toString());
    tunnel.responder().inner().forEach(premade::ping);
  }

  @Test
  void anInterfaceMadeForManyQueuesGetsAllShards(Lab lab) {
    Tunnel tunnel = tunnel(lab, 2);
    Side premade = tunnel.initiator();
    premade.host().ok("ip", "tuntap", "add", Side.DEVICE, "mode", "tun", "multi_queue");
    tunnel.start().connect();
    assertEquals("[jwg-data-0, jwg-data-1]", wakeUps(premade).keySet().toString());
    tunnel.responder().inner().forEach(premade::ping);
  }
}
