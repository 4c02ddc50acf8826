package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An endpoint that takes a change of its configuration in its stride: a ping every tenth of a second loses none. */
@NetworkTest
final class ReloadIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Nothing but the second peer's allowed IPs leads there. */
  private static final String BEHIND_SECOND = "10.77.0.2";

  private static final KeyPair SECOND = KeyPair.generate();

  @Test
  void aPeerAddedToTheWatchedFileIsReachedThroughItsRouteAndNoPingIsLost(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    startSecond(lab, tunnel);
    Side side = tunnel.initiator();
    Path file = lab.file("wg0.conf", config(tunnel));
    Running up = up(side, file.toString(), "--watch");
    Pings pings = pings(tunnel);

    Path fresh = lab.file("wg0.conf.new", config(tunnel) + secondPeer());
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    up.awaitLine("wg0: reloaded .*wg0.conf: peers: 1 added, 0 removed, 0 changed$", SOON);
    side.ping(BEHIND_SECOND);

    Files.writeString(file, config(tunnel)); // in place
    up.awaitLine("peers: 0 added, 1 removed, 0 changed", SOON);
    assertEquals("", side.host().ok("ip", "route", "show", "10.77.0.0/24"));
    assertFalse(side.host().reaches(BEHIND_SECOND));
    assertNoneLost(pings);
  }

  @Test
  void aBadFileIsRefusedWithItsLineAndTheOldOneStays(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    Side side = tunnel.initiator();
    Path file = lab.file("wg0.conf", config(tunnel));
    Running up = up(side, file.toString(), "--watch");
    Pings pings = pings(tunnel);
    String before = side.host().ok("wg", "showconf", "wg0");

    String bad = config(tunnel).replace("AllowedIPs = ", "AllowedIPs = 10.0.0.0/40, ");
    Files.writeString(file, bad);
    long line = bad.substring(0, bad.indexOf("10.0.0.0/40")).lines().count();
    String refusal = "ERROR wg0: not reloaded, all stays as it was: .*/wg0.conf:" + line
        + ": AllowedIPs: 10.0.0.0/40 is not a prefix";
    up.awaitLine(refusal, SOON);
    assertEquals(before, side.host().ok("wg", "showconf", "wg0"));

    Files.writeString(file, config(tunnel));
    up.awaitLine("reloaded .*: nothing changed", SOON);
    assertEquals(1, up.output().lines().filter(said -> said.contains("not reloaded")).count());
    assertNoneLost(pings);
  }

  @Test
  void hangUpReloadsAlsoWhatOthersChangedInTheInterface(Lab lab) {
    Tunnel tunnel = joined(lab);
    startSecond(lab, tunnel);
    Side side = tunnel.initiator();
    Running up = up(side, lab.file("wg0.conf", config(tunnel) + secondPeer()).toString());
    side.ping(BEHIND_SECOND);
    Pings pings = pings(tunnel);
    String port = side.host().ok("wg", "show", "wg0", "listen-port");

    side.set("peer", SECOND.publicKey(), "remove");
    assertFalse(side.host().reaches(BEHIND_SECOND));
    up.signal("HUP");
    up.awaitLine("peers: 1 added, 0 removed, 0 changed", SOON);
    side.ping(BEHIND_SECOND);
    assertEquals(port, side.host().ok("wg", "show", "wg0", "listen-port"), "a port given by chance stays");
    assertNoneLost(pings);

    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
  }

  @Test
  void whatReloadsAddedGoesWithTheEndpoint(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    Host host = tunnel.initiator().host();
    String before = host.state();
    Path file = lab.file("wg0.conf", config(tunnel));
    Running up = up(tunnel.initiator(), file.toString());
    Files.writeString(
        file,
        config(tunnel)
            .replace("[Interface]", "[Interface]\nMTU = 1300")
            .replace("AllowedIPs = ", "AllowedIPs = 0.0.0.0/0, 10.66.0.0/16, "));
    up.signal("HUP");
    up.awaitLine("peers: 0 added, 0 removed, 1 changed", SOON);
    up.awaitLine("new MTU not applied: takes a restart", SOON);
    assertTrue(host.ok("ip", "route", "get", "198.51.100.1").contains("dev wg0"), "the default route is diverted");
    tunnel.initiator().ping(tunnel.responder().inner4());
    up.signal("HUP");
    up.awaitLine("reloaded .*: nothing changed", SOON);
    assertTrue(host.ok("ip", "route", "get", "198.51.100.1").contains("dev wg0"), "the mark stays");
    tunnel.initiator().ping(tunnel.responder().inner4());
    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
    assertEquals(before, host.state());
  }

  @Test
  void whatIsSavedOnTheWayDownIsNotReloaded(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    Side side = tunnel.initiator();
    Path file = lab.file("wg0.conf", config(tunnel).replace("[Interface]", "[Interface]\nSaveConfig = true"));
    Running up = up(side, file.toString(), "--watch");
    side.set("peer", SECOND.publicKey(), "allowed-ips", "10.77.0.0/24");
    up.signal("TERM");
    Result end = up.awaitExit(Jwg.STOP);
    assertTrue(Files.readString(file).contains(SECOND.publicKey()), "the peer is saved");
    assertFalse(end.output().contains("reloaded"), end::toString);
  }

  /** As a mounted ConfigMap and Secret change: the folder's link ..data is replaced by one to another folder. */
  @Test
  void keyAndConfigurationMountedAsInKubernetesAreSwapped(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    Side side = tunnel.initiator();
    String secret = KeyPair.presharedKey();
    Path secrets = lab.folder("secrets");
    mount(secrets, "psk", secret, 1);
    Path configs = lab.folder("configs");
    mount(configs, "wg0.conf", config(tunnel) + "PresharedKeyFile = " + secrets.resolve("psk") + "\n", 1);
    tunnel.responder().set("peer", side.publicKey(), "preshared-key", lab.file("psk", secret).toString());
    Running up = up(side, configs.resolve("wg0.conf").toString(), "--watch");
    Pings pings = pings(tunnel);

    String rotated = KeyPair.presharedKey();
    mount(secrets, "psk", rotated, 2);
    up.awaitLine("peers: 0 added, 0 removed, 1 changed", SOON);
    assertTrue(side.host().ok("wg", "show", "wg0", "preshared-keys").contains(rotated));
    mount(configs, "wg0.conf", config(tunnel) + secondPeer(), 2);
    up.awaitLine("peers: 1 added, 0 removed, 1 changed", SOON);
    assertNoneLost(pings);
  }

  @Test
  void variablesTakeTheFilesPlaceAndTheKeyFileIsReadAgain(Lab lab) throws IOException {
    Tunnel tunnel = joined(lab);
    Side side = tunnel.initiator();
    Path key = lab.file("key", privateKey(tunnel));
    List<String> command = new ArrayList<>(List.of(
        "env", "JWG_PRIVATE_KEY_FILE=" + key, "JWG_ADDRESS=" + side.inner4() + "/24, " + side.inner6() + "/64",
        "JWG_PEER_PUBLIC_KEY=" + tunnel.responder().publicKey(), "JWG_PEER_ENDPOINT=192.0.2.2:51820",
        "JWG_ALLOWED_IPS=10.8.0.0/24, fd08::/64", "JWG_WATCH=1", "JWG_ALOWED_IPS=typo"));
    command.addAll(Software.jwg("up", "/etc/wireguard/wg0.conf"));
    Running up = side.host().start(command.toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    up.awaitLine("WARN JWG_ALOWED_IPS: unknown variable", SOON);
    tunnel.responder().inner().forEach(side::ping);

    KeyPair rotated = KeyPair.generate();
    tunnel.responder().set("peer", rotated.publicKey(), "allowed-ips", side.inner4() + "," + side.inner6());
    Files.writeString(key, rotated.privateKey());
    up.awaitLine("reloaded environment: new private key", SOON);
    side.ping(tunnel.responder().inner4());
  }

  private static Tunnel joined(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG));
    tunnel.join();
    tunnel.create(tunnel.responder());
    return tunnel;
  }

  /** The file without a port, so that chance gives one. */
  private static String config(Tunnel tunnel) {
    Side side = tunnel.initiator();
    return side.interfaceSection().replaceFirst("ListenPort = .*\n", "")
        + "Address = " + side.inner4() + "/24, " + side.inner6() + "/64\n" + tunnel.peerOf(side);
  }

  private static String privateKey(Tunnel tunnel) {
    return tunnel.initiator().interfaceSection().lines()
        .filter(line -> line.startsWith("PrivateKey"))
        .map(line -> line.replace("PrivateKey = ", ""))
        .findFirst().orElseThrow();
  }

  private static String secondPeer() {
    return "\n[Peer]\nPublicKey = " + SECOND.publicKey() + "\nEndpoint = 192.0.2.2:51821\nAllowedIPs = 10.77.0.0/24\n";
  }

  /** A second interface, and peer, on the responder's host. */
  private static void startSecond(Lab lab, Tunnel tunnel) {
    Host host = tunnel.responder().host();
    String file = lab.file("wg1.conf", """
        [Interface]
        PrivateKey = %s
        ListenPort = 51821
        Address = %s/24
        Table = off
        PostUp = ip route add 10.8.0.1/32 dev wg1 table 77; ip rule add from %2$s table 77
        [Peer]
        PublicKey = %s
        AllowedIPs = 10.8.0.1/32
        """.formatted(SECOND.privateKey(), BEHIND_SECOND, tunnel.initiator().publicKey())).toString();
    host.start(Software.jwg("up", file).toArray(String[]::new)).awaitLine(Jwg.READY, Jwg.START);
  }

  private static Running up(Side side, String file, String... options) {
    List<String> command = new ArrayList<>(Software.jwg("up", file));
    command.addAll(List.of(options));
    Running up = side.host().start(command.toArray(String[]::new));
    up.awaitLine(Jwg.READY, Jwg.START);
    return up;
  }

  private static Pings pings(Tunnel tunnel) {
    tunnel.initiator().ping(tunnel.responder().inner4());
    Pings pings = new Pings(tunnel.initiator(), tunnel.responder().inner4());
    pings.awaitMore(SOON);
    return pings;
  }

  private static void assertNoneLost(Pings pings) {
    pings.awaitMore(SOON);
    assertEquals(0, pings.lost(), pings::toString);
  }

  private static void mount(Path folder, String name, String text, int version) throws IOException {
    Path content = Files.createDirectory(folder.resolve("..version" + version));
    Path file = Files.writeString(content.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), content.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    if (version == 1) {
      Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
    }
  }
}
