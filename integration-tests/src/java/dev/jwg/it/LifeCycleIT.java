package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How jwg's interfaces come and go, and that they leave nothing behind. */
@NetworkTest
final class LifeCycleIT {
  /** 0, or 128 + 15 as a JVM ended by SIGTERM says, or 128 + 2 for SIGINT. */
  private static final Set<Integer> ENDED_BY_SIGNAL = Set.of(0, 143, 130);

  private static final String SOCKET = "/run/wireguard/wg0.sock";

  @Test
  void upMakesTheInterfaceThatTheFileDescribes(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.startReady("up", jwg.config("wg0"));
    Host host = jwg.host();
    String addresses = host.ok("ip", "address", "show", "dev", "wg0");
    assertTrue(addresses.contains("inet 10.8.0.1/24") && addresses.contains("inet6 fd08::1/64"), addresses);
    assertTrue(addresses.contains("mtu 1400") && addresses.contains("UP"), addresses);
    String routes = host.ok("ip", "route", "show", "dev", "wg0");
    assertTrue(routes.contains("10.9.0.0/16"), routes);
    assertEquals("600 700", host.ok("stat", "-c", "%a", SOCKET, "/run/wireguard").replace('\n', ' '));
    assertEquals("51820", host.ok("wg", "show", "wg0", "listen-port"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalUndoesEverything(String signal, Lab lab) {
    Jwg jwg = new Jwg(lab);
    Running up = jwg.startReady("up", jwg.config("wg0"));
    up.signal(signal);
    Result end = up.awaitExit(Jwg.STOP);
    assertTrue(ENDED_BY_SIGNAL.contains(end.status()), end::toString);
    jwg.awaitNothingLeft();
  }

  @Test
  void upDetachedReturnsOnceTheInterfaceIsUpAndDownByNameUndoesIt(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.run("up", "--detach", jwg.config("wg0")).orFail();
    String link = jwg.host().ok("ip", "link", "show", "dev", "wg0", "up");
    assertTrue(link.contains("wg0"), link);
    jwg.host().ok("wg", "show", "wg0");
    jwg.run("down", "wg0").orFail();
    // 'down' waits until everything is undone, so there is nothing to wait for here.
    assertFalse(jwg.host().hasLink("wg0"));
    jwg.awaitNothingLeft();
  }

  @Test
  void downByFileEndsTheEndpointThatTheFileBroughtUp(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = jwg.config("wg0");
    Running up = jwg.startReady("up", file);
    jwg.run("down", file).orFail();
    assertFalse(jwg.host().hasLink("wg0"));
    Result end = up.awaitExit(Jwg.STOP);
    assertTrue(ENDED_BY_SIGNAL.contains(end.status()), end::toString);
    jwg.awaitNothingLeft();
  }

  @Test
  void aNameIsLookedUpInEtcWireguard(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.host().ok("cp", jwg.config("wg0"), "/etc/wireguard/wg0.conf");
    jwg.run("up", "--detach", "wg0").orFail();
    assertEquals("51820", jwg.host().ok("wg", "show", "wg0", "listen-port"));
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void downOfAnInterfaceThatIsNotUpSaysSo(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Result down = jwg.run("down", "wg0");
    assertFalse(down.succeeded());
    assertTrue(down.output().contains("wg0"), down::toString);
  }

  @Test
  void deletingTheInterfaceEndsTheProcess(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Running up = jwg.startReady("up", jwg.config("wg0"));
    jwg.host().ok("ip", "link", "delete", "wg0");
    up.awaitExit(Jwg.STOP).orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void removingTheSocketEndsTheProcess(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Running up = jwg.startReady("up", jwg.config("wg0"));
    jwg.host().ok("rm", SOCKET);
    up.awaitExit(Jwg.STOP).orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void twoInterfacesLiveSideBySide(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.startReady("create", "wg0");
    jwg.startReady("create", "wg1");
    assertEquals(Set.of("wg0", "wg1"), Set.of(jwg.host().ok("wg", "show", "interfaces").split(" ", -1)));
    jwg.run("down", "wg0").orFail();
    assertEquals("wg1", jwg.host().ok("wg", "show", "interfaces"));
    jwg.run("down", "wg1").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void anInterfaceThatIsSetDownStopsAndOneThatIsSetUpAgainGoesOn(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).start().connect();
    Side side = tunnel.initiator();
    side.host().ok("ip", "link", "set", "wg0", "down");
    assertFalse(tunnel.responder().host().reaches(side.inner4()));
    side.host().ok("ip", "link", "set", "wg0", "up");
    side.awaitReach(tunnel.responder().inner4(), SessionIT.NOTICE);
  }

  @Test
  void systemdIsToldOnceTheInterfaceIsUp(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    Running systemd = host.start("socat", "-u", "UNIX-RECVFROM:/run/notify", "STDOUT");
    Await.until("the notify socket is there", Jwg.START, () -> host.run("test", "-S", "/run/notify").succeeded());
    List<String> up = new ArrayList<>(List.of("env", "NOTIFY_SOCKET=/run/notify"));
    up.addAll(Software.jwg("up", jwg.config("wg0")));
    Running program = host.start(up.toArray(String[]::new));
    assertEquals("READY=1", systemd.awaitExit(Jwg.START).orFail());
    host.ok("wg", "show", "wg0");
    program.signal("TERM");
    program.awaitExit(Jwg.STOP);
  }

  @Test
  void theKeyCommandsAgreeWithTheStockTool(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String key = jwg.run("genkey").orFail();
    String pubkey = "printf '%s\\n' '" + key + "' | ";
    String expected = jwg.host().sh(pubkey + "wg pubkey");
    assertEquals(expected, jwg.host().sh(pubkey + String.join(" ", Software.jwg("pubkey"))));
    assertEquals(44, jwg.run("genpsk").orFail().length());
  }
}
