package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Everything that an interface between the two ends of a tunnel carries, sorted into WireGuard's messages and the rest.
 * Only what neighbours on a link need of each other is in neither: ARP, ICMPv6's like, and multicast that stays there.
 */
final class Outside {
  /** Whitepaper section 5.4: a message begins with its type, 1 to 4, and three zero bytes. */
  private static final String WIREGUARD =
      "(udp port 51820 and udp[8] >= 1 and udp[8] <= 4 and udp[9:2] = 0 and udp[11] = 0)";

  /**
   * RFC 4861: neighbour solicitation and advertisement are ICMPv6 types 135 and 136. RFC 5771 and RFC 4291: multicast
   * to 224.0.0.0/24 and ff02::/16 stays on the link; hosts and bridges announce themselves by it.
   */
  private static final String NEIGHBOURS = "(arp or (icmp6 and ip6[40] >= 135 and ip6[40] <= 136)"
      + " or dst net 224.0.0.0/24 or dst net ff02::/16)";

  private static final Duration SEEN = Duration.ofSeconds(10);

  private final Capture wireGuard;
  private final Capture rest;

  Outside(Host host, String device) {
    wireGuard = new Capture(host, device, WIREGUARD);
    rest = new Capture(host, device, "not " + WIREGUARD + " and not " + NEIGHBOURS);
  }

  /** Messages of WireGuard's from one address to the other must be seen. */
  void awaitWireGuard(String from, String to) {
    Pattern message = Pattern.compile("^IP " + Pattern.quote(from) + "\\.\\d+ > " + Pattern.quote(to) + "\\.\\d+: UDP");
    Await.until("a message from " + from + " to " + to, SEEN,
        () -> wireGuard.packets().stream().anyMatch(message.asPredicate()));
  }

  /**
   * Lets a host ping an address over the interface in the clear: nothing else than this last ping and what these texts
   * name may have been seen beside WireGuard's messages. Without the ping, a capture that sees nothing could be broken
   * or late.
   */
  void assertNothingElse(Host pinging, String from, String address) {
    String request = "IP " + from + " > " + address + ": ICMP echo request";
    String reply = "IP " + address + " > " + from + ": ICMP echo reply";
    assertEquals(0, rest.count(request), "the last ping must be the only one of its kind");
    Await.until(address + " answers in the clear", SEEN, () -> pinging.reaches(address));
    rest.awaitSeen(SEEN, request, reply);
    assertEquals(List.of(), rest.packets().stream()
        .filter(packet -> !packet.startsWith(request) && !packet.startsWith(reply)).toList());
  }
}
