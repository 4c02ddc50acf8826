package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Containers of two hosts, each host's on a bridge of its own, with jwg as the gateway between the two bridges. */
@NetworkTest
final class ContainerNetworkIT {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final long TRANSFER_BYTES = 8 << 20;

  /** What a ping may carry for its IPv4 packet to be as long as the containers' MTU of 1500. */
  private static final int FULL_PING = 1500 - 20 - 8;

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("dev.jwg.it.TransferIT#pairs")
  void containersReachThoseOfTheOtherBridgeThroughTheTunnelUnderTheirOwnAddresses(Pair pair, Lab lab) {
    ContainerNetwork network = new ContainerNetwork(lab, pair);
    ContainerHost left = network.left();
    ContainerHost right = network.right();
    Outside outside = network.outside();
    Capture onLeft = left.bridge().capture();
    Capture onRight = right.bridge().capture();
    for (Family family : Family.values()) {
      left.first().awaitReach(right.second(family), ANSWER);
      right.first().awaitReach(left.second(family), ANSWER);
      for (Capture capture : List.of(onLeft, onRight)) {
        awaitPing(capture, left.first(family), right.second(family));
        awaitPing(capture, right.first(family), left.second(family));
      }
    }
    onLeft.awaitSeen(ANSWER, "ARP, Request who-has 10.1.1.1 tell 10.1.1.2", "ARP, Reply 10.1.1.1 is-at");
    onRight.awaitSeen(ANSWER, "ARP, Request who-has 10.1.2.3 tell 10.1.2.1", "ARP, Reply 10.1.2.3 is-at");
    outside.awaitWireGuard("192.0.2.1", "192.0.2.2");
    outside.awaitWireGuard("192.0.2.2", "192.0.2.1");
    outside.assertNothingElse(left.first(), "192.0.2.1", ContainerNetwork.internet(Family.IPV4));
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("dev.jwg.it.TransferIT#pairs")
  void containersReachTheInternetUnderTheirHostsAddressOutsideOfTheTunnel(Pair pair, Lab lab) {
    ContainerNetwork network = new ContainerNetwork(lab, pair);
    Capture internet = network.internetPings();
    for (Family family : Family.values()) {
      for (ContainerHost side : List.of(network.left(), network.right())) {
        side.first().awaitReach(ContainerNetwork.internet(family), ANSWER);
        awaitPing(internet, side.gateway().outer(family), ContainerNetwork.internet(family));
        assertEquals(0, internet.count(side.first(family)), "packets with the container's own address");
        assertEquals(0, side.gateway().latestHandshake(), "when the tunnel was used");
      }
    }
  }

  /** Each way between two containers of its own: one that knows the MTU tells it as its maximum segment size. */
  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("dev.jwg.it.TransferIT#pairs")
  void tcpBetweenContainersFindsTheTunnelsMtuAndArrivesUnchangedEachWay(Pair pair, Lab lab) {
    ContainerNetwork network = new ContainerNetwork(lab, pair);
    ContainerHost left = network.left();
    ContainerHost right = network.right();
    Outside outside = network.outside();
    Capture onLeft = new Capture(left.first(), "eth0", "icmp or icmp6");
    Capture onRight = new Capture(right.second(), "eth0", "icmp or icmp6");
    for (Family family : Family.values()) {
      new Transfer(left.first(), right.first(), right.first(family), TRANSFER_BYTES).finish(ANSWER);
      new Transfer(right.second(), left.second(), left.second(family), TRANSFER_BYTES).finish(ANSWER);
    }
    for (Capture capture : List.of(onLeft, onRight)) {
      capture.awaitSeen(ANSWER, "unreachable - need to frag (mtu 1420)", "ICMP6, packet too big, mtu 1420");
    }
    outside.assertNothingElse(left.first(), "192.0.2.1", ContainerNetwork.internet(Family.IPV4));
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @MethodSource("dev.jwg.it.TransferIT#pairs")
  void packetsLongerThanTheTunnelsMtuAreFragmentedOnlyIfTheyMayBe(Pair pair, Lab lab) {
    ContainerNetwork network = new ContainerNetwork(lab, pair);
    Host from = network.left().first();
    String to = network.right().first(Family.IPV4);
    from.awaitReach(to, ANSWER);
    Result whole = ping(from, "do", to);
    assertTrue(whole.output().contains("From 10.1.1.1 icmp_seq=1 Frag needed and DF set (mtu = 1420)"), whole::toString);
    ping(from, "dont", to).orFail();
  }

  private static Result ping(Host from, String pmtuDiscovery, String address) {
    return from.run("ping", "-n", "-c", "1", "-W", "5", "-s", Integer.toString(FULL_PING), "-M", pmtuDiscovery, address);
  }

  /** Both the request and the reply must be seen. */
  private static void awaitPing(Capture capture, String from, String to) {
    boolean v6 = to.contains(":");
    String ip = v6 ? "IP6 " : "IP ";
    String icmp = v6 ? ": ICMP6, echo " : ": ICMP echo ";
    capture.awaitSeen(ANSWER, ip + from + " > " + to + icmp + "request", ip + to + " > " + from + icmp + "reply");
  }
}
