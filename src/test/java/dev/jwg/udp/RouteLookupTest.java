package dev.jwg.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.linux.NetworkNamespace;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces left and right have 10.1.0.1, fd01::1 and 10.2.0.1, fd02::1; the default route is by left. */
final class RouteLookupTest {
  private static final int PORT = 51_820;

  private NetworkNamespace namespace;
  private RouteLookup lookup;
  private int left;
  private int right;

  @BeforeEach
  void makeLinks() throws Exception {
    namespace = new NetworkNamespace();
    int number = 1;
    for (String name : new String[] {"left", "right"}) {
      namespace.ip("link add " + name + " type veth peer name end-" + name);
      namespace.ip("link set " + name + " addrgenmode none up");
      namespace.ip("link set end-" + name + " addrgenmode none up");
      namespace.ip("address add 10." + number + ".0.1/24 dev " + name);
      namespace.ip("address add fd0" + number + "::1/64 dev " + name + " nodad");
      number++;
    }
    namespace.ip("route add default via 10.1.0.9");
    namespace.ip("route add default via fd01::9");
    left = namespace.indexOf("left");
    right = namespace.indexOf("right");
    lookup = namespace.run(RouteLookup::new);
  }

  @AfterEach
  void remove() throws Exception {
    if (lookup != null) {
      lookup.close();
    }
    if (namespace != null) {
      namespace.close();
    }
  }

  private static Endpoint far(boolean isV6, String source) {
    IpAddress address = IpAddress.parse(isV6 ? "2001:db8::1" : "192.0.2.1");
    return source.isEmpty()
        ? new Endpoint(address, PORT)
        : new Endpoint(address, PORT, 0, new Endpoint.Source(IpAddress.parse(source), 0));
  }

  private static String home(boolean isV6, int network) {
    return isV6 ? "fd0" + network + "::1" : "10." + network + ".0.1";
  }

  private static Optional<OuterPath> by(int link, String source) {
    return Optional.of(new OuterPath(link, IpAddress.parse(source)));
  }

  private Optional<OuterPath> path(boolean isV6, String source, int mark) throws Exception {
    return namespace.run(() -> lookup.path(far(isV6, source), PORT, mark));
  }

  private Optional<OuterPath> around(int avoided, int preferred, boolean isV6) throws Exception {
    return namespace.run(() -> lookup.pathAround(avoided, preferred, far(isV6, ""), PORT, 0));
  }

  private void ip(boolean isV6, String words) throws Exception {
    namespace.ip((isV6 ? "-6 " : "-4 ") + words);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wayFollowsRoutesRulesMarksAndPorts(boolean isV6) throws Exception {
    String viaRight = isV6 ? "via fd02::9" : "via 10.2.0.9";
    assertEquals(by(left, home(isV6, 1)), path(isV6, "", 0));
    assertEquals(by(left, home(isV6, 2)), path(isV6, home(isV6, 2), 0), "from a source of another interface");
    ip(isV6, "route add default " + viaRight + " table 100");
    ip(isV6, "rule add fwmark 5 lookup 100");
    assertEquals(by(left, home(isV6, 1)), path(isV6, "", 0));
    assertEquals(by(right, home(isV6, 2)), path(isV6, "", 5));
    ip(isV6, "rule add from " + home(isV6, 2) + " lookup 100");
    assertEquals(by(right, home(isV6, 2)), path(isV6, home(isV6, 2), 0));
    assertEquals(by(left, home(isV6, 1)), path(isV6, "", 0));
    ip(isV6, "rule add ipproto 17 sport " + PORT + " dport " + PORT + " lookup 100");
    assertEquals(by(right, home(isV6, 2)), path(isV6, "", 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutARouteThereIsNoWay(boolean isV6) throws Exception {
    ip(isV6, "route delete default");
    assertEquals(Optional.empty(), path(isV6, "", 0));
    assertEquals(Optional.empty(), path(isV6, home(isV6, 1), 0));
    for (String refusal : new String[] {"unreachable", "prohibit", "blackhole"}) {
      ip(isV6, "route add " + refusal + " default");
      assertEquals(Optional.empty(), path(isV6, "", 0), refusal);
      ip(isV6, "route delete " + refusal + " default");
    }
  }

  @Test
  void sourceThatIsNoAddressOfTheHostHasNoWay() throws Exception {
    assertEquals(Optional.empty(), path(false, "10.1.0.77", 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wayAroundIsTheBestOfTheOthers(boolean isV6) throws Exception {
    String viaRight = isV6 ? "via fd02::9" : "via 10.2.0.9";
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("link set wg0 addrgenmode none up");
    int tunnel = namespace.indexOf("wg0");
    String half = isV6 ? "::/1" : "128.0.0.0/1";
    ip(isV6, "route add " + half + " dev wg0");
    ip(isV6, "route add " + (isV6 ? "2000::/3" : "192.0.0.0/3") + " dev wg0");
    // No carrier, and so no way for IPv6, would be a tunnel that nobody serves: the routes count all the same for IPv4.
    assertEquals(by(left, home(isV6, 1)), around(tunnel, 0, isV6));
    // Without a route by right, IPv4 would take the peer to be on that link.
    assertEquals(by(left, home(isV6, 1)), around(tunnel, right, isV6));
    ip(isV6, "route add default " + viaRight + " metric 2000");
    assertEquals(by(left, home(isV6, 1)), around(tunnel, right, isV6), "the lesser metric");
    ip(isV6, "route add " + half + " " + viaRight + " metric 2000");
    assertEquals(by(right, home(isV6, 2)), around(tunnel, left, isV6), "the longer prefix");
    namespace.ip("link set right down");
    assertEquals(by(left, home(isV6, 1)), around(tunnel, right, isV6));
    namespace.ip("link set left down");
    assertEquals(Optional.empty(), around(tunnel, left, isV6));
  }
}
