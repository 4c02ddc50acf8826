package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The steps, hooks and values of wg-quick 1.0.20260223, where they differ from what earlier versions did. */
@NetworkTest
final class WgQuickStepsIT {
  private static final KeyPair OWN = KeyPair.generate();

  @Test
  void whatPreUpSetsIsKeptAlsoByAReload(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Path key = lab.file("key", OWN.privateKey() + "\n");
    String peer = KeyPair.generate().publicKey();
    String file = lab.file("wg0.conf", """
        [Interface]
        PreUp = wg set %i private-key <(cat KEY) fwmark 0x77
        PreUp = wg set %i peer PEER allowed-ips 10.66.0.0/16
        PreUp = ip link set dev %i alias uplink; ip address add dev %i 10.8.0.9/32
        Address = 10.8.0.1/24

        [Peer]
        PublicKey = OTHER
        AllowedIPs = 10.77.0.0/16
        """.replace("KEY", key.toString()).replace("PEER", peer).replace("OTHER", KeyPair.generate().publicKey()))
        .toString();
    Running up = jwg.startReady("up", file);
    assertKeptFromPreUp(jwg);
    assertTrue(jwg.host().ok("wg", "show", "wg0", "allowed-ips").contains(peer + "\t10.66.0.0/16"));
    assertTrue(jwg.host().ok("ip", "route", "show", "dev", "wg0").contains("10.66.0.0/16"));
    assertTrue(jwg.host().ok("ip", "route", "show", "dev", "wg0").contains("10.77.0.0/16"));

    up.signal("HUP");
    up.awaitLine("wg0: reloaded ", Jwg.START);
    assertKeptFromPreUp(jwg);
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  private static void assertKeptFromPreUp(Jwg jwg) {
    assertEquals(OWN.privateKey(), jwg.host().ok("wg", "show", "wg0", "private-key"));
    assertEquals("0x77", jwg.host().ok("wg", "show", "wg0", "fwmark"));
    assertEquals("uplink", jwg.host().ok("cat", "/sys/class/net/wg0/ifalias"));
    String addresses = jwg.host().ok("ip", "-4", "-br", "address", "show", "dev", "wg0");
    assertTrue(addresses.contains("10.8.0.1/24") && addresses.contains("10.8.0.9/32"), addresses);
  }

  @Test
  void preUpMayBeWhatMakesTheNameOfAPeerKnown(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.host().sh("mount --bind " + lab.file("hosts", "127.0.0.1 localhost\n") + " /etc/hosts");
    String file = lab.file("wg0.conf", jwg.configText().replace("MTU = 1400\n", """
        PreUp = echo 192.0.2.7 vpn.test >>/etc/hosts
        """) + "Endpoint = vpn.test:51820\n").toString();
    jwg.startReady("up", file);
    assertTrue(jwg.host().ok("wg", "show", "wg0", "endpoints").endsWith("192.0.2.7:51820"));
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void aSignalEndsTheWaitForANameThatCannotBeResolved(Lab lab) {
    Jwg jwg = new Jwg(lab);
    ownEtc(lab, jwg);
    jwg.host().sh("echo nameserver 192.0.2.1 >/etc/resolv.conf; echo hosts: dns >/etc/nsswitch.conf");
    Path log = lab.file("hooks", "");
    String file = lab.file("wg0.conf", jwg.configText().replace("MTU = 1400\n", "PostDown = echo down >>" + log + "\n")
        + "Endpoint = vpn.test:51820\n").toString();
    Running up = jwg.start("up", file);
    up.awaitLine("Cannot resolve vpn.test:51820 now, trying again", Jwg.START);
    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
    assertEquals("down", Lab.text(log).strip());
    jwg.awaitNothingLeft();
  }

  @Test
  void hooksGetWgQuicksVariablesButNoKeysAndNothingOfJwgsOwn(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    Path variables = lab.file("variables", "");
    Path shown = lab.file("shown", "");
    String inner = lab.file("wg1.conf", jwg.configText().replace("51820", "51821").replaceAll("10[.]8|10[.]9", "10.6")
        .replace("fd08", "fd06")).toString();
    String jwgCommand = String.join(" ", Software.jwg());
    String outer = lab.file("wg0.conf", jwg.configText().replaceFirst("PrivateKey = .*", "PrivateKeyFile = \\${KEY}")
        .replace("MTU = 1400\n", """
            PreUp = env >VARIABLES
            PostUp = echo "$INTERFACE $CONFIG_FILE $LC_ALL" >SHOWN
            PostUp = JWG up INNER --detach --log-file INNER.log
            PreDown = JWG down wg1
            """.replace("VARIABLES", variables.toString()).replace("SHOWN", shown.toString())
            .replace("JWG", jwgCommand).replace("INNER", inner))).toString();
    List<String> command = new ArrayList<>(List.of("env", "KEY=" + OWN.privateKey(), "JWG_LOG_LEVEL=debug",
        "JWG_PRIVATE_KEY=" + OWN.privateKey(), "NOTIFY_SOCKET=/run/nobody", "USERS_OWN=kept"));
    command.addAll(Software.jwg("up", outer, "--detach", "--log-file", lab.file("log", "").toString()));
    jwg.host().run(command.toArray(String[]::new)).orFail();
    assertEquals(Set.of("wg0", "wg1"), Set.of(jwg.host().ok("wg", "show", "interfaces").split("\\s+")));
    assertEquals(OWN.privateKey(), jwg.host().ok("wg", "show", "wg0", "private-key"));
    assertEquals("wg0 " + outer + " C", Lab.text(shown).strip());
    List<String> given = Files.readAllLines(variables);
    assertTrue(given.contains("USERS_OWN=kept") && given.contains("LC_ALL=C"), given::toString);
    assertFalse(given.stream().anyMatch(line -> line.startsWith("JWG_") || line.startsWith("NOTIFY_SOCKET=")
        || line.startsWith("INTERFACE=") || line.contains(OWN.privateKey())), given::toString);

    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void anEndpointIsNotReadyWhileAHookRuns(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Path gate = lab.folder("gates").resolve("gate");
    Lab.command("mkfifo", gate.toString());
    String hooks = "PreUp = read -r _ <GATE\nPostUp = read -r _ <GATE\n".replace("GATE", gate.toString());
    String file = lab.file("wg0.conf", jwg.configText().replace("MTU = 1400\n", hooks)).toString();
    Running up = jwg.start("up", file, "--metrics");
    for (String hook : List.of("PreUp", "PostUp")) {
      up.awaitLine(hook + ": read", Jwg.START);
      Result health = jwg.run("health", "wg0");
      assertEquals(1, health.status(), health::toString);
      assertEquals("jwg: wg0 is not ready: it is still starting", health.output().strip());
      assertEquals("it is still starting 503", probe(jwg, "readyz"));
      assertEquals("alive 200", probe(jwg, "livez"));
      assertFalse(up.output().contains("is up"), up.output());
      jwg.host().sh("echo go >" + gate);
    }
    up.awaitLine(Jwg.READY, Jwg.START);
    jwg.run("health", "wg0").orFail();
    assertEquals("ready 200", probe(jwg, "readyz"));
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  private static String probe(Jwg jwg, String name) {
    return jwg.host().ok("curl", "-sS", "-w", " %{http_code}", "http://127.0.0.1:9586/" + name).replace("\n", "");
  }

  @Test
  void withoutAnMtuTheNarrowestPathToAPeerDecides(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.host().sh("""
        ip link add wide type veth peer name wide-end; ip link set wide mtu 1500 up; ip address add 10.1.0.1/24 dev wide
        ip link add narrow type veth peer name narrow-end; ip link set narrow mtu 1492 up; ip address add 10.2.0.1/24 dev narrow
        ip -6 route add 2001:db8::/32 dev wide mtu 1400
        """);
    assertEquals(1412, mtuTowards(lab, jwg, "10.1.0.2", "10.2.0.2"));
    assertEquals(1412, mtuTowards(lab, jwg, "10.2.0.2", "10.1.0.2"));
    assertEquals(1320, mtuTowards(lab, jwg, "10.1.0.2", "[2001:db8::1]", "10.2.0.2"));
    assertEquals(1420, mtuTowards(lab, jwg, "10.99.0.2")); // there is no route, nor a default one
    jwg.host().ok("ip", "route", "add", "default", "via", "10.2.0.2");
    assertEquals(1412, mtuTowards(lab, jwg));
  }

  private static int mtuTowards(Lab lab, Jwg jwg, String... endpoints) {
    StringBuilder text = new StringBuilder("[Interface]\nPrivateKey = " + OWN.privateKey() + "\n");
    for (String endpoint : endpoints) {
      text.append("[Peer]\nPublicKey = ").append(KeyPair.generate().publicKey())
          .append("\nEndpoint = ").append(endpoint).append(":51820\n");
    }
    Running up = jwg.startReady("up", lab.file("wg0.conf", text.toString()).toString());
    int mtu = Integer.parseInt(jwg.host().ok("cat", "/sys/class/net/wg0/mtu"));
    jwg.run("down", "wg0").orFail();
    up.awaitExit(Jwg.STOP);
    return mtu;
  }

  @Test
  void valuesAreTakenAsIpTakesThemAndSavedAlsoWhenTheFileHasAnUnknownKeyByNow(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    Path etc = ownEtc(lab, jwg);
    Files.createDirectories(etc.resolve("iproute2/rt_tables.d"));
    Files.writeString(etc.resolve("iproute2/rt_tables.d/jwg-it.conf"), "1234 jwg-it # of this test\n");
    String before = "nameserver 192.0.2.1\n";
    Files.writeString(etc.resolve("resolv.conf"), before);
    String text = jwg.configText().replaceFirst("Address = .*", "Address = 10.8.0.1/255.255.255.0, 10.7/16, fd08::1")
        .replace("MTU = 1400\n", "DNS = fe80::53%wg0\nTable = jwg-it\nSaveConfig = true\n");
    Path file = lab.file("wg0.conf", text);
    Running up = jwg.host().start(withOnly(lab, List.of("bash"), "up", file.toString()));
    up.awaitLine(Jwg.READY, Jwg.START);
    String addresses = jwg.host().ok("ip", "-br", "address", "show", "dev", "wg0");
    for (String address : List.of("10.8.0.1/24", "10.7.0.0/16", "fd08::1/128")) {
      assertTrue(addresses.contains(address), addresses);
    }
    assertTrue(jwg.host().ok("ip", "route", "show", "table", "1234").contains("10.9.0.0/16 dev wg0"));
    assertTrue(Lab.text(etc.resolve("resolv.conf")).contains("nameserver fe80::53%wg0\n"));

    Files.writeString(file, text.replace("[Interface]\n", "[Interface]\nColour = blue\n"));
    String peer = KeyPair.generate().publicKey();
    jwg.host().ok("wg", "set", "wg0", "peer", peer);
    jwg.host().ok("ip", "address", "add", "dev", "wg0", "10.8.7.7/32");
    jwg.host().ok("ip", "address", "del", "dev", "wg0", "10.7.0.0/16");
    jwg.run("down", file.toString()).orFail();
    up.awaitExit(Jwg.STOP);
    assertEquals(1, count(up, "wg0.conf:2: unknown key: this line is not saved"), up::output);
    List<String> saved = Files.readAllLines(file);
    assertEquals(List.of("[Interface]", "Address = 10.8.0.1/24", "Address = fd08::1/128", "Address = 10.8.7.7/32",
        "DNS = fe80::53%wg0", "Table = jwg-it", "SaveConfig = true"), saved.subList(0, 7));
    assertTrue(saved.contains("PublicKey = " + peer), saved::toString);
    assertEquals(before, Lab.text(etc.resolve("resolv.conf")));
    jwg.awaitNothingLeft();
  }

  @Test
  void aResolvconfThatIsALinkGetsNoPrefix(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    Path etc = ownEtc(lab, jwg);
    Files.createDirectories(etc.resolve("resolvconf"));
    Files.writeString(etc.resolve("resolvconf/interface-order"), "lo.inet\ntun*\n");
    Path calls = lab.file("calls", "");
    Path program = lab.folder("bin").resolve("resolvectl");
    Files.writeString(program, "#!" + Lab.command("bash", "-c", "command -v bash") + "\necho \"$*\" >>" + calls
        + "\nwhile read -r _; do :; done\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path resolvconf = lab.folder("bin").resolve("resolvconf");
    String file = lab.file("wg0.conf", jwg.configText().replace("MTU = 1400\n", "DNS = 10.8.0.53\n")).toString();

    Files.createSymbolicLink(resolvconf, Path.of("resolvectl"));
    upAndDown(lab, jwg, file);
    Files.delete(resolvconf);
    Files.copy(program, resolvconf);
    upAndDown(lab, jwg, file);
    assertEquals(List.of("-a wg0 -m 0 -x", "-d wg0 -f", "-a tun.wg0 -m 0 -x", "-d tun.wg0 -f"),
        Files.readAllLines(calls));
    jwg.awaitNothingLeft();
  }

  private static void upAndDown(Lab lab, Jwg jwg, String file) {
    Running up = jwg.host().start(withOnly(lab, List.of("bash"), "up", file));
    up.awaitLine(Jwg.READY, Jwg.START);
    jwg.run("down", "wg0").orFail();
    up.awaitExit(Jwg.STOP);
  }

  @Test
  void keysThatOthersCanReadAreTakenWithOneWarningForEachFile(Lab lab) {
    Jwg jwg = new Jwg(lab);
    // The lab's own folder is closed to all others, as is /etc/wireguard: no file in there is readable by all.
    Path config = lab.file("wg0.conf", jwg.configText() + "PresharedKeyFile = psk\n");
    Path preshared = lab.file("psk", KeyPair.generate().privateKey() + "\n");
    jwg.host().ok("install", "-D", "-m", "644", config.toString(), "/run/keys/wg0.conf");
    jwg.host().ok("install", "-m", "444", preshared.toString(), "/run/keys/psk");
    Running up = jwg.startReady("up", "/run/keys/wg0.conf");
    for (int reload = 1; reload <= 2; reload++) {
      up.signal("HUP");
      int wanted = reload;
      Await.until("reload " + reload, Jwg.START, () -> count(up, "wg0: reloaded ") == wanted);
    }
    for (String file : List.of("/run/keys/wg0.conf", "/run/keys/psk")) {
      assertEquals(1, count(up, file + ": the keys in it are readable by others: chmod 600 " + file), up::output);
    }
    assertEquals(2, count(up, "readable by others"), up::output);
    jwg.run("down", "wg0").orFail();
    jwg.host().ok("rm", "-r", "/run/keys");
    jwg.awaitNothingLeft();
  }

  @Test
  void whatStripPrintsIsTakenByTheStockTool(Lab lab) throws IOException {
    Jwg jwg = new Jwg(lab);
    lab.file("key", OWN.privateKey() + "\n");
    String peer = "[Peer]\nPublicKey = " + KeyPair.generate().publicKey() + "\n";
    List<String> samples = new ArrayList<>(List.of(
        jwg.configText() + "AllowedIPs =\n",
        "[Interface]\nPrivateKeyFile = key\nTable = off\nPostUp = true # [Peer]\nDNS =\n" + peer + "AllowedIPs = # none\n",
        peer + "AllowedIPs = 10.0.0.0/8, fd00::/64\r\nPersistentKeepalive = off\r\n"));
    for (String name : List.of("conf/wga.conf", "conf/wgb.conf", "docker/training.conf", "conf/wg0.conf.example")) {
      samples.add(Files.readString(Path.of(name)).replaceAll("vpn[.]example[.][a-z]+", "192.0.2.9")
          .replaceAll("= <output of: jwg (genkey|pubkey|genpsk).*>", "= " + OWN.publicKey()));
    }
    jwg.startReady("create", "wg9");
    for (String sample : samples) {
      String file = lab.file("wg0.conf", sample).toString();
      Path stripped = lab.file("stripped", jwg.run("strip", file).orFail() + "\n");
      assertEquals("", jwg.host().ok("wg", "setconf", "wg9", stripped.toString()), sample);
    }
  }

  private static long count(Running running, String text) {
    return running.output().lines().filter(line -> line.contains(text)).count();
  }

  /** A copy of {@code /etc} that the test may change. */
  private static Path ownEtc(Lab lab, Jwg jwg) {
    Path etc = lab.folder("etc");
    Lab.command("cp", "-r", "--no-dereference", "--preserve=mode", "/etc/.", etc.toString());
    jwg.host().sh("rm -f " + etc + "/resolv.conf; mount --bind " + etc + " /etc");
    return etc;
  }

  /** A command of jwg's where these programs, and those that the test put there, are the only ones. */
  private static String[] withOnly(Lab lab, List<String> programs, String... arguments) {
    Path bin = lab.folder("bin");
    for (String program : programs) {
      Lab.command("ln", "-sf", Lab.command("bash", "-c", "command -v " + program), bin + "/" + program);
    }
    List<String> command = new ArrayList<>(List.of("env", "PATH=" + bin));
    command.addAll(Software.jwg(arguments));
    return command.toArray(String[]::new);
  }
}
