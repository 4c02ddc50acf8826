package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kubernetes.client.openapi.models.V1Container;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pods of the manifests, run by a container engine with the rights, files, commands and probes that they have there.
 * No kubelet and no control plane has a part in this.
 */
@NetworkTest
final class ManifestRunIT {
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final Manifests MANIFESTS = new Manifests(Manifests.FOLDER);

  /** The host name of the other end in the manifests' configurations. */
  private static final String OTHER_END = "vpn.example.com";

  private final KeyPair own = KeyPair.generate();
  private final KeyPair other = KeyPair.generate();

  private Lab lab;
  private Pods pods;

  @BeforeAll
  static void needEngine() {
    Assumptions.assumeTrue(Image.canBeBuilt(), "no container engine here: integration-tests/setup-containers says why");
    Image.jwg();
  }

  @BeforeEach
  void startNetwork(Lab here) {
    lab = here;
    pods = new Pods(lab);
  }

  @AfterEach
  void removePods() throws IOException {
    pods.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "unprivileged-app"})
  void sidecarsMakeTheirApplicationReachableAndFollowTheirConfigMap(String name) {
    Container office = office("10.8.0.1/24", "10.8.0.2/32");
    Workload workload = MANIFESTS.workload(name);
    ManifestPod pod = start(workload, "node-a", withPeer(other), Map.of("private.key", own.privateKey() + "\n"));
    assertHealthy(pod);
    Await.until("the application answers", ANSWER, () -> answer(office, "10.8.0.2").endsWith("hello from app"));

    String capabilities = name.equals("app") ? "0000000000001000" : "0000000000000000"; // bit 12: NET_ADMIN
    String status = pod.container("tunnel").ok("cat", "/proc/1/status");
    assertTrue(status.contains("CapEff:\t" + capabilities), status);
    assertTrue(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), status);
    String application = pod.container("app").ok("cat", "/proc/1/status");
    assertTrue(application.contains("CapEff:\t0000000000000000"), application);

    String changed = withPeer(other).apply(
        MANIFESTS.configMap(workload.volume("configuration").getConfigMap().getName()).get("wg0.conf"))
        .replace("PersistentKeepalive = 25", "PersistentKeepalive = 21");
    pod.change("configuration", Map.of("wg0.conf", changed));
    Await.until("the change is applied", ANSWER,
        () -> pod.container("tunnel").ok("jwg", "show", "wg0", "persistent-keepalive").endsWith("\t21"));
    assertTrue(answer(office, "10.8.0.2").endsWith("hello from app"));
  }

  @Test
  void gatewaysHaveAKeyEachAndLeadToTheService() {
    pods.start("backend", pods.inNetwork("--network-alias", "kubernetes.default.svc"), Image.TOOLS,
        "socat", "TCP-LISTEN:443,fork,reuseaddr", "SYSTEM:echo the service");
    Map<String, KeyPair> keys = Map.of("node-a", KeyPair.generate(), "node-b", KeyPair.generate());
    for (Map.Entry<String, KeyPair> node : keys.entrySet()) {
      ManifestPod gateway = start(MANIFESTS.workload("gateway"), node.getKey(), withPeer(own), Map.of(
          "node-a.key", privateKey(keys, "node-a"), "node-b.key", privateKey(keys, "node-b")));
      assertHealthy(gateway);
      Container alice = pods.pod("alice-" + node.getKey());
      pods.sidecar(alice, Privilege.ROOT_WITH_NET_ADMIN, """
          [Interface]
          PrivateKey = %s
          Address = 10.9.0.2/24
          [Peer]
          PublicKey = %s
          AllowedIPs = 10.9.0.0/24
          Endpoint = %s:51820
          """.formatted(own.privateKey(), node.getValue().publicKey(), gateway.address()), pods.tun());
      Await.until("the service answers", ANSWER, () -> answer(alice, "10.9.0.1").equals("the service"));
    }
  }

  private static String privateKey(Map<String, KeyPair> keys, String node) {
    return Objects.requireNonNull(keys.get(node)).privateKey() + "\n";
  }

  @Test
  void nodesReachTheOtherEndWithAKeyAndAnAddressOfTheirOwn() {
    Container office = office("10.10.0.1/24", "10.10.0.12/32");
    ManifestPod pod = start(MANIFESTS.workload("node-tunnel"), "node-b", withPeer(other), Map.of(
        "node-a.key", KeyPair.generate().privateKey() + "\n", "node-b.key", own.privateKey() + "\n"));
    assertHealthy(pod);
    Await.until("the node is reached", ANSWER,
        () -> office.run("ping", "-n", "-c", "1", "-W", "1", "10.10.0.12").succeeded());
  }

  private ManifestPod start(Workload workload, String node, UnaryOperator<String> text, Map<String, String> keys) {
    return ManifestPod.start(lab, pods, MANIFESTS, workload, node, text, keys);
  }

  /** What the manifests' sidecars and nodes call. */
  private Container office(String address, String allowed) {
    Container office = pods.pod("office", "--network-alias", OTHER_END);
    pods.sidecar(office, Privilege.ROOT_WITH_NET_ADMIN, """
        [Interface]
        PrivateKey = %s
        Address = %s
        ListenPort = 51820
        [Peer]
        PublicKey = %s
        AllowedIPs = %s
        """.formatted(other.privateKey(), address, own.publicKey(), allowed), pods.tun()).awaitLog("wg0 is up");
    return office;
  }

  /** The manifests' texts with a peer that is there. */
  private static UnaryOperator<String> withPeer(KeyPair peer) {
    return text -> text.replaceAll("PublicKey = \\S+", "PublicKey = " + peer.publicKey());
  }

  private static void assertHealthy(ManifestPod pod) {
    V1Container tunnel = pod.workload().tunnel();
    pod.await(tunnel, tunnel.getLivenessProbe());
    pod.await(tunnel, tunnel.getReadinessProbe());
    assertEquals("true", pod.container("tunnel").inspect("{{.HostConfig.ReadonlyRootfs}}"));
  }

  private static String answer(Container from, String address) {
    return from.run("timeout", "20", "ncat", "--recv-only", "-w", "10", address, "8080").output().strip();
  }
}
