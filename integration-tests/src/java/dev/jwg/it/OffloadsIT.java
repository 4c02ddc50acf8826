package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whichever offloads are on, the same packets pass: in all eight combinations, at both ends or at one. */
@NetworkTest
final class OffloadsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What is on. */
  record Offloads(boolean tun, boolean gso, boolean gro) {
    static Stream<Offloads> all() {
      return IntStream.range(0, 8).mapToObj(bits -> new Offloads((bits & 1) == 0, (bits & 2) == 0, (bits & 4) == 0));
    }

    String[] options() {
      List<String> options = new ArrayList<>();
      if (!tun) {
        options.add("--no-tun-offload");
      }
      if (!gso) {
        options.add("--no-udp-gso");
      }
      if (!gro) {
        options.add("--no-udp-gro");
      }
      return options.toArray(String[]::new);
    }

    void awaitLogged(Side side) {
      side.program().awaitLine("TUN segmentation offload is " + onOrOff(tun), LIMIT);
      side.program().awaitLine(
          "UDP segmentation offload is %s, UDP receive offload %s".formatted(onOrOff(gso), onOrOff(gro)), LIMIT);
    }

    private static String onOrOff(boolean on) {
      return on ? "on" : "off";
    }

    @Override
    public String toString() {
      return "TUN " + onOrOff(tun) + ", UDP GSO " + onOrOff(gso) + ", UDP GRO " + onOrOff(gro);
    }
  }

  static Stream<Offloads> combinations() {
    return Offloads.all();
  }

  @ParameterizedTest(name = "{displayName}: {0}")
  @MethodSource("combinations")
  void betweenTwoJwgs(Offloads offloads, Lab lab) {
    exchange(lab, Software.JWG, offloads, offloads);
  }

  @Test
  void allAtOneEndAndNoneAtTheOther(Lab lab) {
    exchange(lab, Software.JWG, new Offloads(true, true, true), new Offloads(false, false, false));
  }

  @ParameterizedTest(name = "{displayName}: {0}")
  @MethodSource("combinations")
  void betweenJwgAndWireguardGo(Offloads offloads, Lab lab) {
    exchange(lab, Software.WIREGUARD_GO, offloads, offloads);
  }

  /** The same tunnel over IPv4 and then over IPv6; in between, both ends stay. */
  private static void exchange(Lab lab, Software other, Offloads here, Offloads there) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, other));
    tunnel.initiator().options(here.options());
    if (other == Software.JWG) {
      tunnel.responder().options(there.options());
    }
    tunnel.start().connect();
    here.awaitLogged(tunnel.initiator());
    if (other == Software.JWG) {
      there.awaitLogged(tunnel.responder());
      tunnel.sides().forEach(OffloadsIT::markSome);
    }
    tunnel.responder().host().start(traffic("serve")).awaitLine("^listening$", LIMIT);
    exchange(tunnel, other == Software.JWG);
    Side peer = tunnel.responder();
    tunnel.initiator().set("peer", peer.publicKey(), "endpoint", Tunnel.endpoint(peer.outer(Family.IPV6)));
    exchange(tunnel, other == Software.JWG);
  }

  /**
   * One in forty messages that could be marked as having met congestion is; TCP makes use of it and answers with flags of
   * its own.
   */
  private static void markSome(Side side) {
    side.host().sh("""
        echo 1 >/proc/sys/net/ipv4/tcp_ecn
        nft add table inet marks
        nft add chain inet marks output '{ type filter hook output priority 0; }'
        nft add rule inet marks output udp dport 51820 ip ecn != not-ect numgen inc mod 40 0 ip ecn set ce
        nft add rule inet marks output udp dport 51820 ip6 ecn != not-ect numgen inc mod 40 0 ip6 ecn set ce
        """);
  }

  /**
   * wireguard-go knows nothing of marks outside. And where it has to complete a UDP checksum that comes out as zero, it
   * leaves it so, against RFC 768, which IPv6 hosts drop: one datagram in 65,536, the same at every attempt.
   */
  private static void exchange(Tunnel tunnel, boolean bothAreJwg) {
    String[] addresses = tunnel.responder().inner().toArray(String[]::new);
    String verb = bothAreJwg ? "exchange" : "exchange-lossily";
    String output = tunnel.initiator().host().runFor(LIMIT, traffic(verb, addresses)).orFail();
    for (String address : addresses) {
      String marked = bothAreJwg ? "[1-9][0-9]*" : "[0-9]+";
      assertTrue(output.matches("(?s).*all came back from " + address + ", " + marked + " marked.*"), output);
    }
    for (String address : addresses) {
      tunnel.initiator().host().sh(
          "seq 0 39 1400 | xargs -P 4 -I SIZE ping -n -q -c 1 -W 20 -s SIZE " + address + " 2>&1");
    }
  }

  private static String[] traffic(String verb, String... addresses) {
    List<String> command = new ArrayList<>(List.of(
        System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", "-cp",
        System.getProperty("jwg.jar") + ":" + System.getProperty("jwg.test.classes"), InnerTraffic.class.getName(), verb));
    command.addAll(List.of(addresses));
    return command.toArray(String[]::new);
  }
}
