package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Listen ports that another program has, in the orders in which a person runs into them. */
@NetworkTest
final class PortsIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String OTHER = "51999";

  /**
   * The kernel's module refuses {@code ip link set up} while the port is taken, jwg cannot; the rest is alike. The taken
   * port is busy in both families.
   */
  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource(value = Software.class, names = {"JWG", "KERNEL_NEWEST"})
  void anotherPortIsListenedOnAndABusyOneLeavesThePresentOne(Software software, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(software, Software.JWG));
    tunnel.join();
    tunnel.create(tunnel.responder());
    Side side = tunnel.initiator();
    Host host = side.host();
    Running busy = occupy(host, "");
    side.create();
    side.configure(tunnel.peerOf(side));
    host.address(side.device(), side.inner4() + "/24");
    host.run("ip", "link", "set", "mtu", "1420", "up", "dev", side.device());

    assertEquals(0, sockets(host, Integer.toString(side.port())) - 2, "only the other program's two");
    side.set("listen-port", OTHER);
    host.ok("ip", "link", "set", "up", "dev", side.device());
    assertEquals(2, sockets(host, OTHER), "one for each family");
    assertEquals(OTHER, listenPort(side));
    side.ping(tunnel.responder().inner4());

    Result refused = host.run("wg", "set", side.device(), "listen-port", Integer.toString(side.port()));
    assertFalse(refused.succeeded(), refused::toString);
    assertTrue(refused.output().contains("Address already in use"), refused::toString);
    assertEquals(2, sockets(host, OTHER));
    side.ping(tunnel.responder().inner4());

    host.ok("ip", "link", "set", "down", "dev", side.device());
    assertEquals(0, sockets(host, OTHER));
    busy.close();
    side.set("listen-port", Integer.toString(side.port()));
    host.ok("ip", "link", "set", "up", "dev", side.device());
    Await.until("the freed port is listened on", LIMIT, () -> sockets(host, Integer.toString(side.port())) == 2);
    side.ping(tunnel.responder().inner4());
  }

  /** One family that is busy is enough: an interface that only half of its peers reach would be hard to understand. */
  @ParameterizedTest(name = "{displayName} {0}")
  @ValueSource(strings = {"-4", "-6"})
  void aPortThatIsBusyInOneFamilyIsListenedOnOnceItIsFree(String family, Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    tunnel.create(tunnel.responder());
    Side side = tunnel.initiator();
    Running busy = occupy(side.host(), family);
    tunnel.create(side);
    side.program().awaitLine("wg0 is up, but nothing passes: bind .*51820: EADDRINUSE", LIMIT);
    Result health = side.host().run(Software.jwg("health", side.device()).toArray(String[]::new));
    assertFalse(health.succeeded());
    assertTrue(health.output().contains("its port is not bound"), health::toString);
    assertEquals("51820", listenPort(side), "the one that is configured");

    busy.close();
    side.program().awaitLine("wg0 listens on port 51820", LIMIT);
    side.ping(tunnel.responder().inner4());
    side.host().ok(Software.jwg("health", side.device()).toArray(String[]::new));
  }

  @Test
  void withoutAPortTheKernelChoosesOneEachTimeThatIsFree(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).start();
    Side side = tunnel.initiator();
    side.set("listen-port", "0");
    String chosen = listenPort(side);
    assertEquals(2, sockets(side.host(), chosen));
    side.ping(tunnel.responder().inner4());
    side.host().ok("ip", "link", "set", "down", "dev", side.device());
    Running busy = side.host().start("ncat", "-u", "-l", chosen);
    Await.until("the port is taken", LIMIT, () -> sockets(side.host(), chosen) == 2);
    side.host().ok("ip", "link", "set", "up", "dev", side.device());
    assertEquals(chosen, listenPort(side), "as with the kernel's module, the port stays the one that was chosen");
    busy.close();
    Await.until("the freed port is listened on", LIMIT, () -> side.host().reaches(tunnel.responder().inner4()));
  }

  /** Takes the port that the sides use. */
  private static Running occupy(Host host, String family) {
    String port = Integer.toString(Side.PORT);
    Running busy = family.isEmpty() ? host.start("ncat", "-u", "-l", port) : host.start("ncat", family, "-u", "-l", port);
    Await.until("port " + port + " is taken", LIMIT, () -> sockets(host, port) == (family.isEmpty() ? 2 : 1));
    return busy;
  }

  /** Counts the UDP sockets of the host that have the port: WireGuard has one for each family. */
  private static long sockets(Host host, String port) {
    return host.sh("cat /proc/net/udp /proc/net/udp6").lines()
        .filter(line -> line.matches("\\s*\\d+: [0-9A-F]+:%04X .*".formatted(Integer.parseInt(port))))
        .count();
  }

  private static String listenPort(Side side) {
    return side.host().ok("wg", "show", side.device(), "listen-port").strip();
  }
}
