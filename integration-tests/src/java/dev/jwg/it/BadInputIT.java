package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What jwg cannot do it says in one line that names the cause; it exits with a failure and leaves nothing behind. */
@NetworkTest
final class BadInputIT {

  @Test
  void noTunDevice(Lab lab) {
    Jwg jwg = new Jwg(lab);
    assertRefused(jwg, runWithin(jwg, List.of("unshare", "--mount", "bash", "-c",
        "mount -t tmpfs tmpfs /dev/net && exec \"$@\"", "bash"), jwg.config("wg0")), "/dev/net/tun");
  }

  @Test
  void noCapability(Lab lab) {
    Jwg jwg = new Jwg(lab);
    assertRefused(jwg, runWithin(jwg, List.of("setpriv", "--bounding-set", "-net_admin"), jwg.config("wg0")),
        "CAP_NET_ADMIN");
  }

  @Test
  void thePortIsTaken(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Running other = jwg.host().start("socat", "-u", "UDP4-RECV:51820", "STDOUT");
    Await.until("another program has the port", Jwg.START,
        () -> jwg.host().ok("ss", "-uln").contains("0.0.0.0:51820"));
    assertRefused(jwg, jwg.run("up", jwg.config("wg0")), "51820");
    assertTrue(other.isAlive());
  }

  @Test
  void theNameIsTaken(Lab lab) {
    Jwg jwg = new Jwg(lab);
    jwg.host().ok("ip", "link", "add", "wg0", "type", "veth", "peer", "name", "other");
    String links = jwg.host().ok("ip", "link");
    Result up = jwg.run("up", jwg.config("wg0"));
    assertOneLine(up, "wg0");
    assertEquals(links, jwg.host().ok("ip", "link"));
  }

  @Test
  void theInterfaceIsUpAlreadyAndGoesOn(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = jwg.config("wg0");
    Running first = jwg.startReady("up", file);
    assertOneLine(jwg.run("up", file), "wg0");
    assertTrue(first.isAlive());
    assertEquals("51820", jwg.host().ok("wg", "show", "wg0", "listen-port"));
  }

  @Test
  void theFileIsMissing(Lab lab) {
    Jwg jwg = new Jwg(lab);
    assertRefused(jwg, jwg.run("up", "/nowhere/wg0.conf"), "/nowhere/wg0.conf");
    assertRefused(jwg, jwg.run("up", "wg7"), "/etc/wireguard/wg7.conf");
  }

  @Test
  void theFileIsUnreadable(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = jwg.config("wg0");
    jwg.host().ok("chmod", "0", file);
    assertRefused(jwg, runWithin(jwg,
        List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search"), file), file);
  }

  @Test
  void theFilesPathIsTold(Lab lab) {
    Jwg jwg = new Jwg(lab);
    assertRefused(jwg, jwg.run("up", "/no where/Bücher/wg0.txt"), "/no where/Bücher/wg0.txt: ");
    assertRefused(jwg, jwg.run("up", "/no where/wg0.conf"), "/no where/wg0.conf: ");
  }

  @Test
  void theEndpointDoesNotResolve(Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = lab.file("wg0.conf", jwg.configText() + "Endpoint = no-such-host.invalid:51820\n").toString();
    // With no name server asked, the answer is a certain 'no', not a 'try later'.
    jwg.host().ok("cp", lab.file("nsswitch", "hosts: files\n").toString(), "/run/nsswitch.conf");
    List<String> filesOnly = List.of("unshare", "--mount", "bash", "-c",
        "mount --bind /run/nsswitch.conf /etc/nsswitch.conf && rm /run/nsswitch.conf && exec \"$@\"", "bash");
    assertRefused(jwg, runWithin(jwg, filesOnly, file), "no-such-host.invalid");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "[Interface];PrivateKey = short | wg0.conf:2: PrivateKey",
      "[Interface];Colour = blue | wg0.conf:2: unknown key",
      "[Interface];ListenPort = 70000 | 70000",
      "[Interface];Address = 10.0.0.1/33 | 10.0.0.1/33",
      "[Interface];MTU = big | MTU",
      "[Peer];AllowedIPs = 10.0.0.0/8 | PublicKey",
      "nonsense | wg0.conf:1: "
  })
  void aLineOfTheConfigurationIsWrong(String lines, String named, Lab lab) {
    Jwg jwg = new Jwg(lab);
    String file = lab.file("wg0.conf", lines.replace(';', '\n') + "\n").toString();
    assertRefused(jwg, jwg.run("up", file), named);
  }

  @ParameterizedTest
  @CsvSource({"create, a-name-longer-than-15", "create, with/slash", "up, ''", "fly, wg0"})
  void anArgumentIsWrong(String command, String argument, Lab lab) {
    Jwg jwg = new Jwg(lab);
    Result run = jwg.run(command, argument);
    assertFalse(run.succeeded(), run::toString);
    assertFalse(run.output().contains("\tat "), run::toString);
    jwg.awaitNothingLeft();
  }

  /** Runs {@code up FILE} by a command that first takes something away. */
  private static Result runWithin(Jwg jwg, List<String> wrapper, String file) {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(Software.jwg("up", file));
    return jwg.host().run(command.toArray(String[]::new));
  }

  private static void assertRefused(Jwg jwg, Result up, String named) {
    assertOneLine(up, named);
    jwg.awaitNothingLeft();
  }

  /** One line of error that names the cause, and no stack trace. */
  private static void assertOneLine(Result up, String named) {
    assertFalse(up.succeeded(), up::toString);
    assertFalse(up.output().contains("\tat "), up::toString);
    String cause = named.toLowerCase(Locale.ROOT);
    long lines = up.output().lines().filter(line -> line.toLowerCase(Locale.ROOT).contains(cause)).count();
    assertEquals(1, lines, () -> "lines that name " + named + " in " + up);
  }
}
