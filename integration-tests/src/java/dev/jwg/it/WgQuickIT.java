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

/** What {@code up} does besides the tunnel, as {@code wg-quick} would, and that it puts all of it back. */
@NetworkTest
final class WgQuickIT {
  private static final String RESOLV_CONF = "/etc/resolv.conf";
  private static final String BEFORE = "nameserver 192.0.2.1\noptions edns0\n";

  private static final String DNS = "DNS = 10.8.0.53, fd08::53, example.org\n";

  /** Each says what it sees of what was done before it. */
  private static final String HOOKS = """
      PreUp = [ -e /sys/class/net/%i ] && [ -S /run/wireguard/%i.sock ] && echo pre-up $(</etc/resolv.conf) >>LOG
      PostUp = [ -S /run/wireguard/%i.sock ] && echo post-up %i $(</etc/resolv.conf) >>LOG
      PreDown = [ -e /sys/class/net/%i ] && [ -S /run/wireguard/%i.sock ] && echo pre-down $(</etc/resolv.conf) >>LOG
      PostDown = [ ! -e /sys/class/net/%i ] && echo post-down $(</etc/resolv.conf) >>LOG
      """;

  @Test
  void hooksAndNameServersComeAndGoWithTheInterface(Lab lab) throws IOException {
    Jwg jwg = jwgWithOwnResolvConf(lab);
    Path log = lab.file("hooks", "");
    String inode = jwg.host().ok("stat", "-c", "%i %a", RESOLV_CONF);
    Running up = jwg.host().start(up(lab, config(lab, jwg, DNS + HOOKS.replace("LOG", log.toString()))));
    up.awaitLine(Jwg.READY, Jwg.START);
    assertEquals("""
        # Written by jwg for wg0, which puts back what was here:
        nameserver 10.8.0.53
        nameserver fd08::53
        search example.org
        #| nameserver 192.0.2.1
        #| options edns0""", jwg.host().ok("cat", RESOLV_CONF));

    jwg.run("down", "wg0").orFail();
    up.awaitExit(Jwg.STOP);
    String before = BEFORE.replace('\n', ' ').strip();
    String during = "# Written by jwg for wg0, which puts back what was here:"
        + " nameserver 10.8.0.53 nameserver fd08::53 search example.org #| nameserver 192.0.2.1 #| options edns0";
    assertEquals(
        List.of("pre-up " + before, "post-up wg0 " + during, "pre-down " + during, "post-down " + before),
        Files.readAllLines(log));
    assertEquals(BEFORE.strip(), jwg.host().ok("cat", RESOLV_CONF));
    assertEquals(inode, jwg.host().ok("stat", "-c", "%i %a", RESOLV_CONF));
    jwg.awaitNothingLeft();
  }

  @Test
  void aHookThatFailsUndoesEverything(Lab lab) {
    Jwg jwg = jwgWithOwnResolvConf(lab);
    for (String hook : List.of("PreUp", "PostUp")) {
      Result up = jwg.host().run(up(lab, config(lab, jwg, DNS + hook + " = exit 9\n")));
      assertEquals(1, up.status(), up::toString);
      String line = "jwg: wg0: " + hook + " failed with exit status 9: exit 9";
      assertEquals(1, up.output().lines().filter(line::equals).count(), up::toString);
      assertEquals(BEFORE.strip(), jwg.host().ok("cat", RESOLV_CONF));
      jwg.awaitNothingLeft();
    }
  }

  @Test
  void aSignalEndsAHookThatDoesNotEndByItself(Lab lab) {
    Jwg jwg = jwgWithOwnResolvConf(lab);
    String hook = "sleep 1000" + ProcessHandle.current().pid();
    Running up = jwg.start("up", config(lab, jwg, "PostUp = " + hook + "\n"));
    up.awaitLine("PostUp: " + hook, Jwg.START);
    up.signal("TERM");
    up.awaitExit(Jwg.STOP);
    Await.until("the hook is gone", Jwg.STOP,
        () -> jwg.host().sh("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' || true").indexOf(hook) < 0);
    jwg.awaitNothingLeft();
  }

  @Test
  void nameServersThatCannotBeSetUndoEverything(Lab lab) {
    Jwg jwg = jwgWithOwnResolvConf(lab);
    jwg.host().ok("mount", "-o", "remount,bind,ro", RESOLV_CONF);
    Result up = jwg.host().run(up(lab, config(lab, jwg, DNS)));
    assertEquals(1, up.status(), up::toString);
    assertEquals(1, up.output().lines().filter(line -> line.startsWith("jwg: " + RESOLV_CONF)).count(), up::toString);
    jwg.awaitNothingLeft();
  }

  @Test
  void whatAHookPrintsDoesNotDisturbDetach(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = config(lab, jwg, "PostUp = echo noise; ! read -r word\n");
    Path log = lab.file("log", "");
    jwg.run("up", "--detach", "--log-file", log.toString(), file).orFail();
    jwg.host().ok("wg", "show", "wg0");
    assertTrue(jwg.host().ok("cat", log.toString()).lines().anyMatch("noise"::equals));
    jwg.run("down", "wg0").orFail();
    jwg.awaitNothingLeft();
  }

  @Test
  void saveAndSaveConfigKeepWhatTheStockToolSet(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = config(lab, jwg, "SaveConfig = true\nPostUp = wg set %i listen-port 51999 # as in wg-quick(8)\n");
    jwg.startReady("up", file);
    String first = KeyPair.generate().publicKey();
    jwg.host().ok("wg", "set", "wg0", "peer", first, "allowed-ips", "10.77.0.0/16");
    jwg.run("save", file).orFail();
    assertSaved(jwg, file, first);
    String second = KeyPair.generate().publicKey();
    jwg.host().ok("wg", "set", "wg0", "peer", second, "persistent-keepalive", "25");
    jwg.run("down", file).orFail();
    assertSaved(jwg, file, second);

    jwg.startReady("up", file);
    String peers = jwg.host().ok("wg", "show", "wg0", "peers");
    assertTrue(peers.contains(first) && peers.contains(second), peers);
    assertEquals(jwg.host().ok("wg", "showconf", "wg0"), jwg.run("strip", file).orFail());
  }

  private static void assertSaved(Jwg jwg, String file, String peer) {
    assertEquals("600", jwg.host().ok("stat", "-c", "%a", file));
    String text = jwg.host().ok("cat", file);
    for (String line : List.of("Address = 10.8.0.1/24", "Address = fd08::1/64", "MTU = 1400", "SaveConfig = true",
        "PostUp = wg set %i listen-port 51999 # as in wg-quick(8)", "ListenPort = 51999", "PublicKey = " + peer)) {
      assertTrue(text.lines().anyMatch(line::equals), line + " in\n" + text);
    }
  }

  private static String config(Lab lab, Jwg jwg, String more) {
    return lab.file("wg0.conf", jwg.configText().replace("MTU = 1400\n", "MTU = 1400\n" + more)).toString();
  }

  /** As in a container: a file that is mounted by itself. */
  private static Jwg jwgWithOwnResolvConf(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Path own = lab.file("resolv.conf", BEFORE);
    jwg.host().sh("[ -e " + RESOLV_CONF + " ] && mount --bind " + own + " " + RESOLV_CONF);
    return jwg;
  }

  /** {@code up} where bash is the only program, so that it does not matter which ones this machine has. */
  private static String[] up(Lab lab, String file) {
    Path bin = lab.folder("bin");
    Lab.command("ln", "-sf", Lab.command("bash", "-c", "command -v bash"), bin + "/bash");
    List<String> command = new ArrayList<>(List.of("env", "PATH=" + bin));
    command.addAll(Software.jwg("up", file));
    return command.toArray(String[]::new);
  }
}
