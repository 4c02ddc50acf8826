package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Full tunnels and name servers that come and go in any order, and are killed: the host ends as it began. */
@NetworkTest
final class HostLeftAsFoundIT {
  private static final String RESOLV_CONF = "/etc/resolv.conf";
  private static final String BEFORE = "nameserver 192.0.2.1\noptions edns0";
  private static final String FULL = "0.0.0.0/0, ::/0";

  /** Looks like jwg's and is not: rules at the same tables, and a packet filter of wg-quick's. */
  private static final String OF_OTHERS = """
      ip rule add not fwmark 51820 table 51820 priority 900
      ip rule add table main suppress_prefixlength 0 priority 899
      ip -6 rule add table main suppress_prefixlength 0 priority 898
      nft add table ip wg-quick-wg9
      """;

  /** One host with a resolv.conf of its own, where neither resolvconf nor resolvectl is found. */
  private static final class Endpoints {
    private final Lab lab;
    private final Host host;
    private final String path;

    Endpoints(Lab lab) {
      this.lab = lab;
      host = lab.host("alone");
      String etc = lab.folder("etc").toString();
      host.sh("""
          mount -t tmpfs tmpfs %1$s
          cp -a /etc/. %1$s
          mount --bind %1$s /etc
          rm -f %2$s
          printf '%3$s\\n' >%2$s
          """.formatted(etc, RESOLV_CONF, BEFORE.replace("\n", "\\n")));
      path = lab.folder("bin").toString();
      Lab.command("ln", "-sf", Lab.command("bash", "-c", "command -v bash"), path + "/bash");
    }

    /** Returns the host's state with the settings and the file that a full tunnel changes. */
    String state() {
      return host.state() + "\n" + host.sh("""
          cat /proc/sys/net/ipv4/conf/all/src_valid_mark
          [ -L /etc/resolv.conf ] && readlink /etc/resolv.conf
          cat /etc/resolv.conf || true
          """);
    }

    /** The configuration of an endpoint whose number is in all that has to differ. */
    String config(int number, String allowedIps, String more) {
      return Jwg.config(lab, "wg" + number, number, allowedIps, more);
    }

    String full(int number) {
      return config(number, FULL, "DNS = 10.8." + number + ".53");
    }

    Running start(String file) {
      return start(List.of(), file);
    }

    /** As a container that shares the network and resolv.conf, and has a /run of its own that goes with it. */
    Running startInContainer(String file) {
      return start(List.of("unshare", "--mount", "bash", "-c", "mount -t tmpfs tmpfs /run; exec \"$@\"", "container"),
          file);
    }

    private Running start(List<String> before, String file) {
      List<String> command = new ArrayList<>(before);
      command.addAll(List.of("env", "PATH=" + path));
      command.addAll(Software.jwg("up", file));
      return host.start(command.toArray(String[]::new));
    }

    Running up(String file) {
      Running up = start(file);
      up.awaitLine(Jwg.READY, Jwg.START);
      return up;
    }

    Result down(String name) {
      return host.run(Software.jwg("down", name).toArray(String[]::new));
    }

    /** Kills the endpoint and waits until the kernel has taken its interface away. */
    void kill(Running up, String device) {
      up.signal("KILL");
      up.awaitExit(Jwg.STOP);
      Await.until(device + " is gone", Jwg.STOP, () -> !host.hasLink(device));
    }

    void terminate(Running up) {
      up.signal("TERM");
      up.awaitExit(Jwg.STOP);
    }

    /** The name servers that a resolver would ask. */
    List<String> servers() {
      return host.sh("grep ^nameserver " + RESOLV_CONF + " || true").lines()
          .map(line -> line.replace("nameserver ", "")).toList();
    }

    /** The device by which a packet to somewhere leaves, with the mark of an endpoint or without. */
    String deviceTo(String address, String... mark) {
      String[] command =
          Stream.concat(Stream.of("ip", "route", "get", address), Stream.of(mark)).toArray(String[]::new);
      String route = host.ok(command);
      return route.replaceFirst("(?s).* dev (\\S+) .*", "$1");
    }

    long rules() {
      return host.sh("ip -4 rule; ip -6 rule").lines().filter(line -> line.contains("proto 10")).count();
    }

    String sourceValidMark() {
      return host.ok("cat", "/proc/sys/net/ipv4/conf/all/src_valid_mark");
    }
  }

  @Test
  void fullTunnelThatIsKilledAgainAndAgainLeavesNothingOnceItEndsProperly(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    endpoints.host.sh(OF_OTHERS);
    String before = endpoints.state();
    String file = endpoints.full(0);
    String once = "";
    for (int round = 0; round < 3; round++) {
      Running up = endpoints.up(file);
      String running = endpoints.state().replaceAll("[0-9]+: wg0", "wg0").replaceAll("fe80::[0-9a-f:]+", "fe80::");
      assertEquals(4, endpoints.rules(), running);
      assertEquals(round == 0 ? running : once, running, "each start finds the host as the first did");
      once = running;
      assertEquals("wg0", endpoints.deviceTo("198.51.100.1"));
      endpoints.kill(up, "wg0");
    }
    endpoints.terminate(endpoints.up(file));
    assertEquals(before, endpoints.state());
  }

  @Test
  void whatAKilledEndpointLeftIsRemovedByTheStartOfAnotherAndByDown(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    endpoints.host.sh(OF_OTHERS);
    String before = endpoints.state();
    endpoints.kill(endpoints.up(endpoints.full(0)), "wg0");
    Running another = endpoints.up(endpoints.config(1, "10.9.0.0/16", "Table = off"));
    String said = another.output();
    assertTrue(said.contains("WARN removed what a killed jwg had left: 4 policy rules, nftables wg-quick-wg0,"
        + " net.ipv4.conf.all.src_valid_mark=1, name servers of wg0 in /etc/resolv.conf,"
        + " /var/run/wireguard/wg0.sock"), said);
    assertEquals(0, endpoints.rules());
    endpoints.terminate(another);
    assertEquals(before, endpoints.state());

    endpoints.kill(endpoints.up(endpoints.full(2)), "wg2");
    Result down = endpoints.down("wg2");
    assertTrue(down.orFail().contains("removed what a killed jwg had left: 4 policy rules"), down::toString);
    assertEquals(before, endpoints.state());
    assertFalse(endpoints.down("wg2").succeeded());

    String setByUser = "echo 1 >/proc/sys/net/ipv4/conf/all/src_valid_mark";
    endpoints.host.sh(setByUser);
    endpoints.kill(endpoints.up(endpoints.full(0)), "wg0");
    endpoints.down("wg0").orFail();
    assertEquals("1", endpoints.sourceValidMark(), "was set before, and not by jwg");
  }

  /** Nothing in the file system tells of the killed endpoint, and nothing of the living one. */
  @Test
  void containersThatShareTheNetworkTellTheLivingFromTheKilled(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String before = endpoints.state();
    Running living = endpoints.startInContainer(endpoints.full(0));
    living.awaitLine(Jwg.READY, Jwg.START);
    String withLiving = endpoints.state();
    for (int round = 0; round < 2; round++) {
      Running killed = endpoints.startInContainer(endpoints.full(1));
      killed.awaitLine(Jwg.READY, Jwg.START);
      assertEquals(8, endpoints.rules());
      assertEquals(List.of("10.8.1.53"), endpoints.servers());
      endpoints.kill(killed, "wg1");
    }
    Running other = endpoints.startInContainer(endpoints.config(2, "10.9.0.0/16", ""));
    other.awaitLine(Jwg.READY, Jwg.START);
    endpoints.terminate(other);
    assertEquals(withLiving, endpoints.state());
    endpoints.terminate(living);
    assertEquals(before, endpoints.state());
  }

  @Test
  void everyWayInWhichAFullTunnelEndsLeavesNothing(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String before = endpoints.state();
    String file = endpoints.full(0);
    for (String end : List.of("kill -TERM PID", "kill -INT PID", "ip link delete wg0", "rm /run/wireguard/wg0.sock",
        "ip rule delete table 51820; ip route flush table 51820; nft delete table ip6 wg-quick-wg0; kill -TERM PID")) {
      Running up = endpoints.up(file);
      endpoints.host.sh(end.replace("PID", endpoints.host.sh("pgrep -x java")));
      up.awaitExit(Jwg.STOP);
      assertEquals(before, endpoints.state(), end);
    }
    for (String failing : List.of("PostUp = exit 9", "DNS = 10.8.0.53\nPostUp = kill -9 $$")) {
      Result failed = endpoints.start(endpoints.config(0, FULL, failing)).awaitExit(Jwg.START);
      assertEquals(1, failed.status(), failed::toString);
      assertEquals(before, endpoints.state(), failing);
    }
  }

  /** The last one that came up has the default routes, and the other one has them when that is gone. */
  @Test
  void twoFullTunnelsGoInEitherOrderAndOneIsKilledWhileTheOtherLives(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String before = endpoints.state();
    for (boolean firstGoesFirst : new boolean[] {true, false}) {
      for (boolean killed : new boolean[] {false, true}) {
        List<Running> both = List.of(endpoints.up(endpoints.full(0)), endpoints.up(endpoints.full(1)));
        assertEquals("wg1", endpoints.deviceTo("198.51.100.1"));
        assertEquals("wg1", endpoints.deviceTo("2001:db8:ffff::1"));
        assertEquals(List.of("10.8.1.53"), endpoints.servers());
        int going = firstGoesFirst ? 0 : 1;
        String staying = "wg" + (1 - going);
        if (killed) {
          endpoints.kill(both.get(going), "wg" + going);
          assertEquals(staying, endpoints.deviceTo("198.51.100.1"), "its table is empty");
          endpoints.down("wg" + going).orFail();
        } else {
          endpoints.terminate(both.get(going));
        }
        assertEquals(4, endpoints.rules());
        assertEquals("1", endpoints.sourceValidMark());
        assertEquals(staying, endpoints.deviceTo("198.51.100.1"));
        assertEquals(staying, endpoints.deviceTo("2001:db8:ffff::1"));
        assertEquals(List.of("10.8." + (1 - going) + ".53"), endpoints.servers());
        assertTrue(endpoints.host.ok("nft", "list", "tables").contains("wg-quick-" + staying));
        endpoints.terminate(both.get(1 - going));
        assertEquals(before, endpoints.state());
      }
    }
  }

  @Test
  void fullTunnelsThatStartAtOneMomentTakeATableEach(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String before = endpoints.state();
    List<String> files = Stream.of(0, 1, 2, 3).map(endpoints::full).toList();
    List<Running> all = files.stream().map(endpoints::start).toList();
    all.forEach(up -> up.awaitLine(Jwg.READY, Jwg.START.multipliedBy(2)));
    List<String> marks = endpoints.host.ok("wg", "show", "all", "fwmark").lines()
        .map(line -> line.replaceFirst("\\S+\\s+", "")).sorted().toList();
    assertEquals(List.of("0xca6c", "0xca6d", "0xca6e", "0xca6f"), marks);
    for (int number = 0; number < 4; number++) {
      String mark = endpoints.host.ok("wg", "show", "wg" + number, "fwmark");
      String table = Integer.toString(Integer.decode(mark));
      for (String family : List.of("-4", "-6")) {
        String routes = endpoints.host.ok("ip", family, "route", "show", "table", table);
        assertTrue(routes.contains("dev wg" + number), routes);
      }
    }
    assertEquals(16, endpoints.rules());
    all.forEach(up -> up.signal("TERM"));
    all.forEach(up -> up.awaitExit(Jwg.STOP.multipliedBy(2)));
    assertEquals(before, endpoints.state());
  }

  @Test
  void resolvConfIsTheOldOneWhateverHappenedToThreeEndpoints(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String before = endpoints.state();
    List<String> files = Stream.of(0, 1, 2)
        .map(number -> endpoints.config(number, "10.9.0.0/16", "Table = off\nDNS = 10.8." + number + ".53"))
        .toList();
    Running first = endpoints.up(files.get(0));
    Running second = endpoints.up(files.get(1));
    Running third = endpoints.up(files.get(2));
    endpoints.terminate(first);
    assertEquals(List.of("10.8.2.53"), endpoints.servers());
    endpoints.kill(third, "wg2");
    first = endpoints.up(files.get(0));
    assertEquals(List.of("10.8.0.53"), endpoints.servers());
    endpoints.terminate(first);
    assertEquals(List.of("10.8.1.53"), endpoints.servers());
    endpoints.host.sh("echo nameserver 192.0.2.9 >>" + RESOLV_CONF);
    endpoints.kill(second, "wg1");
    endpoints.down("wg1").orFail();
    assertEquals(BEFORE + "\nnameserver 192.0.2.9", endpoints.host.ok("cat", RESOLV_CONF));
    endpoints.host.sh("sed -i '/192.0.2.9/d' " + RESOLV_CONF);
    assertEquals(before, endpoints.state());
  }

  /** As of systemd-resolved, which is installed and does not run: the link dangles. */
  @Test
  void danglingLinkIsWrittenThroughOrRefusedAndAReadOnlyFileIsRefused(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    String file = endpoints.config(0, "10.9.0.0/16", "DNS = 10.8.0.53");
    endpoints.host.sh("ln -sf ../run/systemd/resolve/stub-resolv.conf " + RESOLV_CONF);
    String before = endpoints.state();
    Result refused = endpoints.start(file).awaitExit(Jwg.START);
    assertEquals(1, refused.status(), refused::toString);
    assertTrue(refused.output().contains("jwg: /etc/resolv.conf: is a link to"
        + " ../run/systemd/resolve/stub-resolv.conf, whose folder does not exist: start the program that makes it, or"
        + " replace the link with a file"), refused::toString);
    assertEquals(before, endpoints.state());

    endpoints.host.sh("mkdir -p /run/systemd/resolve");
    before = endpoints.state();
    Running up = endpoints.up(file);
    assertEquals(List.of("10.8.0.53"), endpoints.servers());
    assertEquals("644", endpoints.host.ok("stat", "-L", "-c", "%a", RESOLV_CONF));
    endpoints.terminate(up);
    assertEquals(before, endpoints.state());

    endpoints.host.sh("rm " + RESOLV_CONF + "; echo nameserver 192.0.2.1 >" + RESOLV_CONF
        + "; mount --bind " + RESOLV_CONF + " " + RESOLV_CONF + "; mount -o remount,bind,ro " + RESOLV_CONF);
    before = endpoints.state();
    refused = endpoints.start(file).awaitExit(Jwg.START);
    assertTrue(refused.output().contains("jwg: /etc/resolv.conf: cannot be written (Read-only file system): make it"
        + " writable, or remove DNS from the configuration"), refused::toString);
    assertEquals(before, endpoints.state());
  }

  /**
   * The default route comes and goes ten times while a neighbour is pinged as fast as it answers. A counter of
   * everything that leaves by wg0 for the neighbour's network tells.
   */
  @Test
  void trafficToTheNeighbourNeverEntersTheTunnel(Lab lab) {
    Host neighbour = lab.host("neighbour");
    Endpoints endpoints = new Endpoints(lab);
    Host host = endpoints.host;
    lab.cable(host, "eth0", neighbour, "eth0");
    host.address("eth0", "192.0.2.1/24");
    neighbour.address("eth0", "192.0.2.2/24");
    host.address("eth0", "2001:db8::1/64");
    neighbour.address("eth0", "2001:db8::2/64");
    host.sh("""
        nft add table inet test
        nft add chain inet test out '{ type filter hook output priority 0; }'
        nft add rule inet test out oifname wg0 ip daddr 192.0.2.0/24 counter
        nft add rule inet test out oifname wg0 ip6 daddr 2001:db8::/64 counter
        nft add rule inet test out oifname eth0 counter
        """);
    for (String address : List.of("192.0.2.2", "2001:db8::2")) {
      host.awaitReach(address, Jwg.START);
      host.start("ping", "-n", "-q", "-f", "-l", "100", address);
    }
    String file = endpoints.config(0, "10.9.0.0/16", "");
    Running up = endpoints.up(file);
    for (int round = 0; round < 10; round++) {
      boolean full = round % 2 == 0;
      String now = endpoints.host.ok("cat", file);
      lab.file("wg0.conf", full ? now.replace("10.9.0.0/16", FULL) : now.replace(FULL, "10.9.0.0/16"));
      up.signal("HUP");
      String wanted = full ? "wg0" : "none";
      Await.until("round " + round, Jwg.START, () -> host.run("ip", "route", "get", "198.51.100.1").output()
          .contains("dev wg0") == "wg0".equals(wanted));
    }
    endpoints.terminate(up);
    List<String> counters = host.ok("nft", "list", "table", "inet", "test").lines()
        .filter(line -> line.contains("counter")).map(line -> line.replaceFirst(".*packets ([0-9]+) .*", "$1")).toList();
    assertEquals(List.of("0", "0"), counters.subList(0, 2));
    assertTrue(Long.parseLong(counters.get(2)) > 1000, counters::toString);
  }

  /** Leaves out what the kernel sets by itself, in its own time, once the interface has had a carrier or has lost it. */
  private static String withoutKernels(String state) {
    return state.lines().filter(line -> !line.contains("ff00::/8") && !line.contains("fe80::"))
        .map(line -> line.replaceFirst("^wg0 .*", "wg0").replace(" linkdown", "")).collect(Collectors.joining("\n"));
  }

  /** An interface that outlives its endpoint: made by {@code ip tuntap}, with an address and a route of its own. */
  @Test
  void persistentInterfaceKeepsWhatItHadAndNothingElse(Lab lab) {
    Endpoints endpoints = new Endpoints(lab);
    endpoints.host.sh("""
        ip tuntap add wg0 mode tun
        ip address add 10.77.0.1/24 dev wg0
        ip link set wg0 mtu 1400 up
        ip route add 10.78.0.0/16 dev wg0
        """);
    String before = endpoints.state();
    String file = endpoints.config(0, FULL + ", 10.9.0.0/16, fd09::/32", "MTU = 1400");
    Running killed = endpoints.up(file);
    killed.signal("KILL");
    killed.awaitExit(Jwg.STOP);
    endpoints.terminate(endpoints.up(file));
    assertEquals(withoutKernels(before), withoutKernels(endpoints.state()));
  }
}
