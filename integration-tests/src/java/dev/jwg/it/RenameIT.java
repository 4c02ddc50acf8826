package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code ip link set NAME name OTHER}: the endpoint is found by its new name, and the old one is free. */
@NetworkTest
final class RenameIT {

  /** A kernel before 6.2 renames only what is down. */
  private static void rename(Host host, String from, String to) {
    host.sh("ip link set %1$s name %2$s || { ip link set %1$s down; ip link set %1$s name %2$s; ip link set %2$s up; }"
        .formatted(from, to));
  }

  private static List<String> sockets(Host host) {
    return host.sh("ls /run/wireguard").lines().sorted().toList();
  }

  private static void awaitSockets(Host host, String... names) {
    List<String> files = List.of(names).stream().map(name -> name + ".sock").toList();
    Await.until("the sockets are " + files, Jwg.START, () -> sockets(host).equals(files));
  }

  private static Result jwg(Host host, String... arguments) {
    return host.run(Software.jwg(arguments).toArray(String[]::new));
  }

  private static Running startReady(Host host, String... arguments) {
    Running running = host.start(Software.jwg(arguments).toArray(String[]::new));
    running.awaitLine(Jwg.READY, Jwg.START);
    return running;
  }

  @Test
  void trafficGoesOnToolsFindTheNewNameAloneAndTheOldOneIsFree(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).start().connect();
    Side side = tunnel.initiator();
    Host host = side.host();
    String peer = tunnel.responder().publicKey();
    rename(host, "wg0", "wg1");
    awaitSockets(host, "wg1");
    assertEquals(peer, host.ok("wg", "show", "wg1", "peers"));
    assertFalse(host.run("wg", "show", "wg0").succeeded());
    assertEquals("wg1", host.ok("wg", "show", "interfaces"));
    assertTrue(jwg(host, "show").orFail().contains("interface: wg1"));
    jwg(host, "health", "wg1").orFail();
    jwg(host, "health").orFail();
    assertFalse(jwg(host, "health", "wg0").succeeded());
    assertTrue(host.reaches(tunnel.responder().inner4()));

    Running beside = startReady(host, "create", "wg0");
    awaitSockets(host, "wg0", "wg1");
    assertEquals("", host.ok("wg", "show", "wg0", "peers"));
    assertEquals(peer, host.ok("wg", "show", "wg1", "peers"));
    assertTrue(host.reaches(tunnel.responder().inner4()));

    rename(host, "wg1", "wg2"); // both change their names at one moment
    rename(host, "wg0", "wg1");
    rename(host, "wg2", "wg0");
    awaitSockets(host, "wg0", "wg1");
    Await.until("each has the other's name", Jwg.START, () -> host.ok("wg", "show", "wg0", "peers").equals(peer));
    assertEquals("", host.ok("wg", "show", "wg1", "peers"));
    assertTrue(host.reaches(tunnel.responder().inner4()));
    jwg(host, "down", "wg1").orFail();
    String said = beside.awaitExit(Jwg.STOP).output();
    assertTrue(said.contains("wg0 is now named wg1") && said.contains("INFO wg1 is down"), said);
    assertTrue(host.reaches(tunnel.responder().inner4()));
    jwg(host, "down", "wg0").orFail();
    assertEquals(List.of(), sockets(host));
  }

  @Test
  void endpointThatHasAFileKeepsItAndShowsItsNewNameEverywhere(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    Path hooks = lab.folder("hooks").resolve("log");
    Path file = lab.file("wg0.conf", jwg.configText().replace("MTU = 1400", """
        MTU = 1400
        SaveConfig = true
        PostUp = echo up %%i >>%1$s
        PostDown = echo down %%i >>%1$s""".formatted(hooks)));
    Running up = jwg.startReady("up", file.toString(), "--watch", "--metrics");
    rename(host, "wg0", "wg1");
    awaitSockets(host, "wg1");
    String metrics = host.ok("curl", "-sS", "http://127.0.0.1:9586/metrics");
    assertTrue(metrics.contains("interface=\"wg1\"") && !metrics.contains("wg0"), metrics);
    assertEquals("ready", host.ok("curl", "-sS", "http://127.0.0.1:9586/readyz").strip());

    String another = KeyPair.generate().publicKey();
    Files.writeString(file, Files.readString(file) + "[Peer]\nPublicKey = " + another + "\nAllowedIPs = 10.66.0.0/24\n");
    up.awaitLine("INFO wg1: reloaded .*/wg0.conf: peers: 1 added, 0 removed, 0 changed", Jwg.START);
    assertTrue(host.ok("ip", "route", "show", "dev", "wg1").contains("10.66.0.0/24"));
    host.ok("wg", "set", "wg1", "peer", another, "remove");
    host.address("wg1", "10.8.0.77/32");
    up.signal("HUP");
    Await.until("the peer is there again", Jwg.START, () -> host.ok("wg", "show", "wg1", "peers").contains(another));

    host.ok("wg", "set", "wg1", "peer", another, "remove");
    jwg.run("down", file.toString()).orFail();
    up.awaitExit(Jwg.STOP);
    String saved = Files.readString(file);
    assertTrue(saved.contains("10.8.0.77/32") && !saved.contains(another), saved);
    assertEquals("up wg0\ndown wg0\n", Files.readString(hooks), "PostDown undoes what PostUp did under that name");
    assertTrue(up.output().contains("INFO wg1 goes down"), up::output);
    jwg.awaitNothingLeft();

    Running again = jwg.startReady("up", file.toString());
    rename(host, "wg0", "wg1");
    awaitSockets(host, "wg1");
    host.ok("ip", "link", "delete", "wg1");
    again.awaitExit(Jwg.STOP).orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void whileDownThereAndBackOverWhatAKilledOneLeftAndKilledAfterwards(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    Running first = jwg.startReady("create", "wg0");
    host.ok("ip", "link", "set", "wg0", "name", "wg1");
    awaitSockets(host, "wg1");
    host.sh("ip link set wg1 name wg2; ip link set wg2 name wg0; ip link set wg0 name wg1; ip link set wg1 name wg0");
    awaitSockets(host, "wg0");

    Running killed = jwg.startReady("create", "wg1");
    kill(killed, host, "wg1");
    assertEquals(List.of("wg0.sock", "wg1.sock"), sockets(host), "a stale one");
    host.ok("ip", "link", "set", "wg0", "name", "wg1");
    awaitSockets(host, "wg1");
    host.ok("wg", "set", "wg1", "listen-port", "4242");
    assertEquals("4242", host.ok("wg", "show", "wg1", "listen-port"));

    kill(first, host, "wg1");
    Running second = jwg.startReady("create", "wg0");
    assertEquals(List.of("wg0.sock"), sockets(host), "the start removes what was left under the other name");
    host.ok("ip", "link", "set", "wg0", "name", "wg1");
    jwg.startReady("create", "wg0"); // at once
    awaitSockets(host, "wg0", "wg1");
    kill(second, host, "wg1");
    jwg.startReady("create", "wg1");
    jwg.run("down", "wg1").orFail();
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  private static void kill(Running running, Host host, String device) {
    running.signal("KILL");
    running.awaitExit(Jwg.STOP);
    Await.until(device + " is gone", Jwg.STOP, () -> !host.hasLink(device));
  }

  /** In another network, whose endpoints share the folders of the sockets and locks. */
  @Test
  void nameThatAnotherEndpointHasIsNotTakenAndAMoveChangesNothing(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    Running first = jwg.startReady("create", "wg0");
    List<String> elsewhere = new ArrayList<>(List.of("unshare", "--net"));
    elsewhere.addAll(Software.jwg("create", "wg1"));
    Running other = host.start(elsewhere.toArray(String[]::new));
    other.awaitLine(Jwg.READY, Jwg.START);
    host.ok("ip", "link", "set", "wg0", "name", "wg1");
    first.awaitLine("WARN wg1: lock and UAPI socket keep the name wg0: wg1: already up \\(pid", Jwg.START);
    assertEquals(List.of("wg0.sock", "wg1.sock"), sockets(host));
    host.ok("ip", "link", "set", "wg1", "name", "wg2");
    awaitSockets(host, "wg1", "wg2");
    jwg.run("down", "wg1").orFail();
    other.awaitExit(Jwg.STOP);

    Host away = lab.hostBeside(host, "away");
    lab.moveLink("wg2", host, away);
    first.awaitLine("wg2 is now in another network namespace", Jwg.START);
    away.ok("ip", "link", "set", "wg2", "name", "wg3");
    awaitSockets(host, "wg3");
    lab.moveLink("wg3", away, host);
    host.ok("ip", "link", "set", "wg3", "name", "wg0");
    awaitSockets(host, "wg0");
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  /** Default routes, packet filter and name servers of a renamed endpoint are neither leftovers nor the next one's. */
  @Test
  void fullTunnelIsNotTakenForAKilledOneNorForTheNextOfItsFormerName(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    String etc = lab.folder("etc").toString();
    host.sh("""
        mount -t tmpfs tmpfs %1$s
        cp -a /etc/. %1$s
        mount --bind %1$s /etc
        rm -f /etc/resolv.conf
        echo nameserver 192.0.2.1 >/etc/resolv.conf
        """.formatted(etc));
    String before = state(host);
    Running first = up(lab, host, full(lab, "wg0", 0));
    String running = state(host);
    long protecting = filter(host, "wg0");
    assertTrue(protecting >= 2, running);
    rename(host, "wg0", "wg5");
    awaitSockets(host, "wg5");
    assertEquals(protecting, filter(host, "wg5"));
    Running small = up(lab, host, Jwg.config(lab, "wg1", 1, "10.66.0.0/24", ""));
    assertFalse(small.output().contains("removed what a killed jwg had left"), small::output);
    small.signal("TERM");
    small.awaitExit(Jwg.STOP);
    assertEquals(running.replace("wg0", "wg5"), state(host).replace("wg-quick-wg0", "wg-quick-wg5"));

    Running second = up(lab, host, full(lab, "wg0", 2));
    assertEquals(8, rules(host));
    assertEquals(List.of(protecting, protecting), List.of(filter(host, "wg5"), filter(host, "wg0")));
    assertEquals("nameserver 10.8.2.53", host.sh("grep ^nameserver /etc/resolv.conf"));
    second.signal("TERM");
    second.awaitExit(Jwg.STOP);
    assertEquals(running.replace("wg0", "wg5"), state(host).replace("wg-quick-wg0", "wg-quick-wg5"));
    first.signal("TERM");
    first.awaitExit(Jwg.STOP);
    assertEquals(before, state(host));

    Running killed = up(lab, host, full(lab, "wg0", 0));
    rename(host, "wg0", "wg5");
    awaitSockets(host, "wg5");
    kill(killed, host, "wg5");
    Running last = up(lab, host, Jwg.config(lab, "wg1", 1, "10.66.0.0/24", ""));
    assertTrue(last.output().contains("name servers of wg5 in /etc/resolv.conf"), last::output);
    last.signal("TERM");
    last.awaitExit(Jwg.STOP);
    assertEquals(before, state(host));
  }

  private static String state(Host host) {
    return (host.state() + host.sh("cat /etc/resolv.conf")).replaceAll("[0-9]+: wg", "wg");
  }

  private static long rules(Host host) {
    return host.sh("ip -4 rule; ip -6 rule").lines().filter(line -> line.contains("proto 10")).count();
  }

  /** Counts the rules that keep the outside from an interface's addresses. */
  private static long filter(Host host, String device) {
    return host.sh("nft list ruleset").lines().filter(line -> line.contains("iif != \"" + device + "\"")).count();
  }

  /** Runs {@code up} with a search path that has neither resolvconf nor resolvectl. */
  private static Running up(Lab lab, Host host, String file) {
    String path = lab.folder("bin").toString();
    Lab.command("ln", "-sf", Lab.command("bash", "-c", "command -v bash"), path + "/bash");
    List<String> command = new ArrayList<>(List.of("env", "PATH=" + path));
    command.addAll(Software.jwg("up", file));
    Running running = host.start(command.toArray(String[]::new));
    running.awaitLine(Jwg.READY, Jwg.START);
    return running;
  }

  private static String full(Lab lab, String device, int number) {
    return Jwg.config(lab, device, number, "0.0.0.0/0, ::/0", "DNS = 10.8." + number + ".53");
  }
}
