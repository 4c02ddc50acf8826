package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint;
import dev.jwg.net.Endpoint.Source;
import dev.jwg.net.IpAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointResolverTest {
  private static final PeerEndpoint PEER = new PeerEndpoint("vpn.example", 51820);
  private static final String PASSING = "vpn.example: Temporary failure in name resolution";

  private final List<Duration> delays = new ArrayList<>();
  /** What the resolver answers: messages of failures, then the last one for ever, or the address once none is left. */
  private final Deque<String> failures = new ArrayDeque<>();
  private InetAddress[] found = {IpAddress.parse("192.0.2.1").toInetAddress(), IpAddress.parse("::1").toInetAddress()};

  private InetAddress[] lookup(String host) throws UnknownHostException {
    assertEquals(PEER.host(), host);
    if (!failures.isEmpty()) {
      throw new UnknownHostException(failures.remove());
    }
    return found;
  }

  private Endpoint resolve(String retries) throws Exception {
    return new EndpointResolver(retries, this::lookup, delays::add).resolve(PEER);
  }

  private void failTimes(int times) {
    for (int i = 0; i < times; i++) {
      failures.add(PASSING);
    }
  }

  @Test
  void takesTheFirstAddress() throws Exception {
    assertEquals(new Endpoint(IpAddress.parse("192.0.2.1"), 51820), resolve(""));
    assertTrue(delays.isEmpty());
  }

  @Test
  void keepsTheScopeOfALinkLocalAddress() throws Exception {
    byte[] address = IpAddress.parse("fe80::1").toBytes();
    found = new InetAddress[] {Inet6Address.getByAddress("vpn.example", address, 7)};
    assertEquals(new Endpoint(IpAddress.parse("fe80::1"), 51820, 7, Source.NONE), resolve(""));
  }

  @Test
  void aLiteralIsNotAskedForAndItsZoneMayBeAnyInterface() throws Exception {
    int loopback = NetworkInterface.getByName("lo").getIndex(); // without a link-local address
    assertEquals(new Endpoint(IpAddress.parse("fe80::1"), 5, loopback, Source.NONE), literal("fe80::1%lo"));
    assertEquals(new Endpoint(IpAddress.parse("fe80::1"), 5, 77, Source.NONE), literal("fe80::1%77"));
    assertEquals(new Endpoint(IpAddress.parse("2001:db8::1"), 5), literal("2001:db8::1"));
    assertThrows(UnknownHostException.class, () -> literal("fe80::1%no-such-if"));
    assertTrue(delays.isEmpty());
  }

  private Endpoint literal(String host) throws Exception {
    return new EndpointResolver("", this::lookup, delays::add).resolve(new PeerEndpoint(host, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "vpn.example: Name or service not known",
    "vpn.example: No address associated with hostname",
    "vpn.example: Non-recoverable failure in name resolution"
  })
  void aNameThatDoesNotExistIsNotAskedForAgain(String message) {
    failures.add(message);
    assertThrows(UnknownHostException.class, () -> resolve("infinity"));
    assertTrue(delays.isEmpty());
  }

  @Test
  void aPassingFailureIsRetriedWithGrowingDelays() throws Exception {
    failTimes(15);
    assertEquals(51820, resolve("").port());
    assertEquals(15, delays.size());
    assertEquals(List.of(1000L, 1200L, 1440L, 1728L), delays.stream().limit(4).map(Duration::toMillis).toList());
  }

  @Test
  void retriesEnd() {
    failTimes(16);
    assertThrows(UnknownHostException.class, () -> resolve(""));
    assertEquals(15, delays.size());
    delays.clear();
    failTimes(3);
    assertThrows(UnknownHostException.class, () -> resolve("2"));
    assertEquals(2, delays.size());
    delays.clear();
    assertThrows(UnknownHostException.class, () -> {
      failTimes(1);
      resolve("0");
    });
    assertTrue(delays.isEmpty());
  }

  @Test
  void infinitelyManyRetriesWaitTwentySecondsAtMost() throws Exception {
    failTimes(100);
    resolve("infinity");
    assertEquals(100, delays.size());
    assertEquals(Duration.ofSeconds(20), delays.get(99));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "many", "1x", "99999999999"})
  void aNumberOfRetriesThatIsNoneIsRefused(String retries) {
    ConfigException fault = assertThrows(ConfigException.class, () -> resolve(retries));
    assertEquals(
        "WG_ENDPOINT_RESOLUTION_RETRIES: " + retries + " is neither a number nor infinity", fault.getMessage());
  }
}
