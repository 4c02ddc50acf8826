package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What those see who watch an endpoint from its host. */
@NetworkTest
final class MetricsIT {
  private static final String AT = "http://127.0.0.1:9586";

  @Test
  void aTunnelShowsItsTrafficAndIsReadyOnceItsPeerAnswers(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    Side caller = tunnel.initiator();
    String peer = tunnel.responder().publicKey();
    String file = lab.file(Side.DEVICE + ".conf",
        caller.interfaceSection() + "Address = " + caller.inner4() + "/24\n" + tunnel.peerOf(caller)).toString();
    Running up = caller.host().start(
        Software.jwg("up", file, "--metrics", "--ready-peer", peer, "--log-format", "json").toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    assertEquals("alive", caller.host().ok("curl", "-sS", AT + "/livez").strip());
    assertEquals("no handshake yet with peer " + peer, caller.host().ok("curl", "-sS", AT + "/readyz").strip());
    assertEquals(1, health(caller, "--peer", peer).status());
    assertEquals(0, health(caller).status());

    tunnel.create(tunnel.responder());
    caller.ping(tunnel.responder().inner4());
    Await.until("it is ready", Jwg.START, () -> caller.host().run("curl", "-fsS", AT + "/readyz").succeeded());
    assertEquals(0, health(caller, "--peer", peer).status());
    String metrics = caller.host().ok("curl", "-sS", AT + "/metrics");
    assertTrue(metrics.lines().anyMatch(line ->
        line.startsWith("wireguard_received_bytes_total{") && line.contains(peer) && !line.endsWith(" 0.0")), metrics);

    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
    up.output().lines().forEach(line -> assertTrue(line.matches("\\{\"timestamp\":\".*\"\\}"), line));
    assertTrue(up.output().contains("\"message\":\"wg0 is down\""), up.output());
  }

  private static Result health(Side side, String... arguments) {
    List<String> command = new ArrayList<>(Software.jwg("health"));
    command.addAll(List.of(arguments));
    return side.host().run(command.toArray(String[]::new));
  }

  @Test
  void aTakenPortEndsTheStartBeforeAnythingIsDone(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Running first = jwg.startReady("create", "wg1", "--metrics");
    String before = jwg.host().state();
    Result second = jwg.run("up", jwg.config("wg0"), "--metrics");
    assertEquals(1, second.status());
    assertTrue(second.output().contains("jwg: cannot serve metrics at 127.0.0.1:9586: Address already in use"),
        second.output());
    assertEquals(before, jwg.host().state());
    first.signal("TERM");
    first.awaitExit(Jwg.STOP);
    jwg.awaitNothingLeft();
  }
}
