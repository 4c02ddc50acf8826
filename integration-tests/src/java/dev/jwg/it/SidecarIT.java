package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The container image beside an application, in pods of a container engine, locked up as its README says. */
@NetworkTest
final class SidecarIT {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final long BYTES_OVER_BASE = 150 << 20;

  private final KeyPair leftKeys = KeyPair.generate();
  private final KeyPair rightKeys = KeyPair.generate();

  private Pods pods;
  private Container left;
  private Container right;

  @BeforeAll
  static void needEngine() {
    Assumptions.assumeTrue(Image.canBeBuilt(), "no container engine here: integration-tests/setup-containers says why");
    Image.jwg();
  }

  @BeforeEach
  void startPods(Lab lab) {
    pods = new Pods(lab);
    left = pods.pod("left");
    right = pods.pod("right");
  }

  @AfterEach
  void removePods() throws IOException {
    pods.close();
  }

  @Test
  void imageIsSmallAndItsUserHasNoPrivileges() {
    long over = Image.bytes(Image.jwg()) - Image.bytes("debian:bookworm-slim");
    System.out.printf("image: %d MB over its base%n", over / 1_000_000);
    assertTrue(over <= BYTES_OVER_BASE, over + " bytes over its base");
    String settings = "{{.Config.User}} {{.Config.StopSignal}} {{index .Config.Labels \"org.opencontainers.image.title\"}}";
    String set = Container.docker("image", "inspect", "--format", settings, Image.jwg()).orFail();
    assertEquals("10001:10001 SIGTERM jwg", set);
  }

  /** {@code -Xshare:on} fails where the JVM would otherwise go without an archive, and start slowly. */
  @Test
  void classArchiveIsThatOfTheJar() {
    String java = "/opt/jwg/runtime/bin/java";
    Container.docker("run", "--rm", "--entrypoint", java, Image.jwg(), "-Xshare:on", "-jar", "/opt/jwg/jwg.jar",
        "--version").orFail();
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource
  void applicationIsReachedThroughTheTunnelOnly(Privilege privilege) {
    Container jwg = startLeft(privilege);
    startRight();
    serveOn("10.77.0.1");
    awaitReach(right, "10.77.0.1");
    assertEquals("hello", right.ok("ncat", "--recv-only", "10.77.0.1", "8080"));
    String direct = left.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    assertFalse(right.run("ncat", "--recv-only", "-w", "2", direct, "8080").succeeded(), "reached without the tunnel");

    String status = jwg.ok("cat", "/proc/1/status");
    String capabilities = privilege == Privilege.NONE ? "0000000000000000" : "0000000000001000"; // bit 12: NET_ADMIN
    assertTrue(status.contains("CapPrm:\t" + capabilities), status);
    assertTrue(status.contains("CapEff:\t" + capabilities), status);
    assertTrue(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), status);
    assertTrue(jwg.ok("jwg", "show").contains("latest handshake"));
    jwg.ok("jwg", "health", "--peer", rightKeys.publicKey());
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource
  void endpointOfAnotherImplementationIsReached(Privilege privilege) {
    startLeft(privilege);
    pods.wireguardGo(right, peer(rightKeys, leftKeys, "left", "10.77.0.1"), "10.77.0.2/24");
    awaitReach(right, "10.77.0.1");
    awaitReach(left, "10.77.0.2");
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource
  void killedSidecarComesBackUnderTraffic(Privilege privilege) {
    Container jwg = startLeft(privilege);
    startRight();
    awaitReach(left, "10.77.0.2");
    try (Running pings = right.start("ping", "-n", "-i", "0.1", "10.77.0.1")) {
      awaitAnswer(pings);
      jwg.kill();
      boolean staysInTunnel = left.ok("ip", "route", "get", "10.77.0.2").contains("dev wg0");
      assertEquals(privilege == Privilege.NONE, staysInTunnel, "the way to the peer while the sidecar is away");
      jwg.restart();
      awaitAnswer(pings);
    }
  }

  @ParameterizedTest(name = "{displayName} {0}")
  @EnumSource
  void stopEndsTheSidecarAndRemovesWhatItMade(Privilege privilege) {
    if (privilege == Privilege.NONE) {
      prepareLeft();
    }
    String before = state(left);
    Container jwg = sidecar(privilege, leftConfiguration());
    jwg.awaitLog("wg0 is up");
    System.out.printf("%s: ready after %d ms, of which %d ms of processor time%n",
        privilege, jwg.timeTo("wg0 is up").toMillis(), cpuMs(jwg));
    System.out.printf("%s: %.1f MiB when idle%n", privilege, jwg.memoryMiB());

    Duration stop = jwg.stop();
    System.out.printf("%s: stopped after %d ms%n", privilege, stop.toMillis());
    assertEquals(0, jwg.exitStatus(), "ended by itself, not killed");
    // The kernel takes a moment to tell that nobody serves the interface any more.
    Await.until("the pod's network is as before:\n" + before, ANSWER, () -> state(left).equals(before));
  }

  @Test
  void memoryLimitIsHeldUnderFullLoad() {
    Container jwg = pods.sidecar(left, Privilege.ROOT_WITH_NET_ADMIN, leftConfiguration(), pods.tun(),
        "--memory", "96m", "--memory-swap", "96m");
    startRight();
    awaitReach(left, "10.77.0.2");
    try (Running server = left.start("iperf3", "--server", "--bind", "10.77.0.1", "--forceflush")) {
      server.awaitLine("Server listening", ANSWER);
      System.out.printf("up to %.1f MiB under full load%n", Math.max(
          memoryDuring(jwg, "--time", "6", "--parallel", "8", "--bidir"),
          memoryDuring(jwg, "--time", "4", "--udp", "--bitrate", "0", "--length", "100")));
    }
    assertTrue(jwg.isRunning());
    assertEquals("false 0", jwg.inspect("{{.State.OOMKilled}} {{.RestartCount}}"));
    awaitReach(left, "10.77.0.2");
  }

  @Test
  void missingTunDeviceIsNamed() {
    Container jwg = pods.sidecar(left, Privilege.ROOT_WITH_NET_ADMIN, leftConfiguration());
    assertRefused(jwg, "jwg: open /dev/net/tun: ENOENT (modprobe tun, or --device /dev/net/tun for a container)");
  }

  @Test
  void missingCapabilityIsNamed() {
    assertRefused(sidecar(Privilege.NONE, leftConfiguration()), "jwg: ioctl TUNSETIFF wg0: EPERM (need CAP_NET_ADMIN)");
  }

  @Test
  void defaultRouteWithoutTheCapabilityItNeedsIsRefused() {
    prepareLeft();
    assertRefused(sidecar(Privilege.NONE, leftConfiguration().replace("10.77.0.2/32", "0.0.0.0/0")),
        "jwg: setsockopt SO_MARK: EPERM (need CAP_NET_ADMIN)");
  }

  @Test
  void interfaceOfAnotherKindIsLeftAlone() {
    pods.prepare(left, "ip link add wg0 type veth");
    String before = state(left);
    assertRefused(sidecar(Privilege.ROOT_WITH_NET_ADMIN, leftConfiguration()),
        "jwg: ioctl TUNSETIFF wg0: EINVAL (an interface of that name exists and is not a TUN device)");
    assertEquals(before, state(left));
  }

  @Test
  void interfaceInUseIsLeftAlone() {
    pods.wireguardGo(left, peer(leftKeys, rightKeys, "right", "10.77.0.2"), "10.77.0.1/24");
    startRight();
    awaitReach(right, "10.77.0.1");
    assertRefused(sidecar(Privilege.ROOT_WITH_NET_ADMIN, leftConfiguration()),
        "jwg: ioctl TUNSETIFF wg0: EBUSY (the name is taken by another program)");
    awaitReach(right, "10.77.0.1");
  }

  @Test
  void withoutIpv6AndWithReadOnlySettingsTheTunnelWorksAndSaysWhatIsMissing() {
    assertEquals("1", left.ok("cat", "/proc/sys/net/ipv6/conf/all/disable_ipv6"));
    String configuration = leftConfiguration()
        .replace("10.77.0.1/24", "10.77.0.1/24, fd77::1/64")
        .replace("10.77.0.2/32", "0.0.0.0/0, ::/0");
    Container jwg = sidecar(Privilege.ROOT_WITH_NET_ADMIN, configuration);
    startRight();
    awaitReach(left, "10.77.0.2");
    String log = jwg.log();
    assertTrue(log.contains("WARN wg0 goes without its IPv6 addresses and routes"), log);
    assertTrue(log.contains("WARN could not set net.ipv4.conf.all.src_valid_mark=1"), log);
  }

  /** The most memory seen while the other pod sends as fast as it can. */
  private double memoryDuring(Container jwg, String... load) {
    List<String> client = new ArrayList<>(List.of("iperf3", "--client", "10.77.0.1"));
    client.addAll(List.of(load));
    double most = 0;
    try (Running iperf = right.start(client.toArray(String[]::new))) {
      while (iperf.isAlive()) {
        most = Math.max(most, jwg.memoryMiB());
      }
      iperf.awaitExit(ANSWER).orFail();
    }
    return most;
  }

  private Container startLeft(Privilege privilege) {
    if (privilege == Privilege.NONE) {
      prepareLeft();
    }
    Container jwg = sidecar(privilege, leftConfiguration());
    jwg.awaitLog("wg0 is up");
    return jwg;
  }

  private void prepareLeft() {
    pods.prepare(left, """
        ip tuntap add wg0 mode tun user 10001
        ip address add 10.77.0.1/24 dev wg0
        ip link set wg0 mtu 1420 up
        """);
  }

  private Container sidecar(Privilege privilege, String configuration) {
    return pods.sidecar(left, privilege, configuration, pods.tun());
  }

  private Container startRight() {
    String configuration = withAddress(peer(rightKeys, leftKeys, "left", "10.77.0.1"), "10.77.0.2/24");
    Container jwg = pods.sidecar(right, Privilege.ROOT_WITH_NET_ADMIN, configuration, pods.tun());
    jwg.awaitLog("wg0 is up");
    return jwg;
  }

  private String leftConfiguration() {
    return withAddress(peer(leftKeys, rightKeys, "right", "10.77.0.2"), "10.77.0.1/24");
  }

  /** The other pod is found by its name, as the engine's resolver knows it. */
  private String peer(KeyPair own, KeyPair other, String otherPod, String address) {
    Container pod = otherPod.equals("left") ? left : right;
    return """
        [Interface]
        PrivateKey = %s
        ListenPort = 51820

        [Peer]
        PublicKey = %s
        AllowedIPs = %s/32
        Endpoint = %s:51820
        """.formatted(own.privateKey(), other.publicKey(), address, pod.name());
  }

  private static String withAddress(String configuration, String address) {
    return configuration.replace("[Interface]\n", "[Interface]\nAddress = " + address + "\n");
  }

  private void serveOn(String address) {
    Container.docker("exec", "--detach", left.name(), "ncat", "--listen", "--keep-open", address, "8080",
        "--sh-exec", "echo hello").orFail();
  }

  private static void awaitReach(Container from, String address) {
    Await.until(from + " reaches " + address, ANSWER,
        () -> from.run("ping", "-n", "-q", "-c", "1", "-W", "1", address).succeeded());
  }

  /** Returns once another ping than those so far has been answered. */
  private static void awaitAnswer(Running pings) {
    long before = answers(pings);
    Await.until("another ping is answered", ANSWER, () -> answers(pings) > before);
  }

  private static long answers(Running pings) {
    return Pattern.compile("bytes from").matcher(pings.output()).results().count();
  }

  private static String state(Container pod) {
    return pod.ok("bash", "-ec", "ip -br link; ip -br address; ip rule; ip route show table all");
  }

  /** Of the first process, in ticks of 10 ms: fields 14 and 15 of proc(5)'s stat. */
  private static long cpuMs(Container container) {
    String stat = container.ok("cat", "/proc/1/stat");
    Matcher fields = Pattern.compile("\\) (?:\\S+ ){11}(\\d+) (\\d+) ").matcher(stat);
    assertTrue(fields.find(), stat);
    return 10 * (Long.parseLong(fields.group(1)) + Long.parseLong(fields.group(2)));
  }

  private static void assertRefused(Container jwg, String message) {
    assertEquals(1, jwg.awaitEnd());
    String log = jwg.log();
    assertEquals(message, log.substring(log.lastIndexOf('\n') + 1));
  }
}
