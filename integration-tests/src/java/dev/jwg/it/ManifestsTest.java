package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.ConfigException;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1Capabilities;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import io.kubernetes.client.openapi.models.V1PodAffinityTerm;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an API server or a kubelet would refuse in the manifests, or would take and then not do as meant. */
final class ManifestsTest {
  /** The values that the model takes as any text, by the two last names of the path to them. */
  private static final Map<String, Set<String>> VALUES = Map.ofEntries(
      Map.entry("initContainers.restartPolicy", Set.of("Always")),
      Map.entry("seccompProfile.type", Set.of("RuntimeDefault")),
      Map.entry("hostPath.type", Set.of("CharDevice")),
      Map.entry("strategy.type", Set.of("Recreate", "RollingUpdate")),
      Map.entry("updateStrategy.type", Set.of("RollingUpdate")),
      Map.entry("emptyDir.medium", Set.of("Memory")),
      Map.entry("tolerations.operator", Set.of("Exists")),
      Map.entry("ports.protocol", Set.of("TCP", "UDP")),
      Map.entry("spec.dnsPolicy", Set.of("ClusterFirstWithHostNet")),
      Map.entry("spec.policyTypes", Set.of("Ingress", "Egress")),
      Map.entry("fieldRef.fieldPath", Set.of("spec.nodeName", "status.hostIP")),
      Map.entry("drop", Set.of("ALL")),
      Map.entry("add", Set.of("NET_ADMIN")));

  /** Names under which a text of a closed set stands; each must be found in {@link #VALUES}. */
  private static final Set<String> CLOSED =
      Set.of("restartPolicy", "type", "medium", "operator", "protocol", "dnsPolicy", "policyTypes", "fieldPath");

  private static final Manifests ALL = new Manifests(Manifests.FOLDER);

  private static List<Workload> workloads() {
    return ALL.workloads();
  }

  @Test
  void everyFileIsPartOfTheKustomizationAndEveryFolderIsOneOfItsOwn() throws IOException {
    try (Stream<Path> files = Files.walk(Manifests.FOLDER)) {
      Set<Path> there = files.filter(file -> file.toString().endsWith(".yaml")).collect(Collectors.toSet());
      assertEquals(there, Set.copyOf(ALL.files()));
    }
    assertEquals(List.of("app", "gateway", "node-tunnel", "unprivileged-app"),
        workloads().stream().map(Workload::name).sorted().toList());
  }

  @Test
  void theModelRefusesWhatItDoesNotKnow() {
    String misspelt = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      comand: [a]\n";
    assertThrows(RuntimeException.class, () -> Yaml.load(misspelt));
  }

  @Test
  void valuesOfClosedSetsAreAmongThem() throws IOException {
    for (Path file : ALL.files()) {
      if (!file.endsWith("kustomization.yaml")) {
        checkValues(file, "", "", Manifests.rawYaml(file));
      }
    }
  }

  private static void checkValues(Path file, String parent, String name, Object value) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, child) -> checkValues(file, name, String.valueOf(key), child));
    } else if (value instanceof List<?> list) {
      list.forEach(element -> checkValues(file, parent, name, element));
    } else {
      Set<String> values = VALUES.getOrDefault(parent + "." + name, VALUES.get(name));
      String what = file + ": " + parent + "." + name + ": " + value;
      assertTrue(values == null ? !CLOSED.contains(name) : values.contains(value), what);
    }
  }

  @Test
  void namesAreUnique() {
    List<KubernetesObject> objects = new ArrayList<>();
    objects.addAll(ALL.configMaps());
    objects.addAll(ALL.deployments());
    objects.addAll(ALL.daemonSets());
    objects.addAll(ALL.networkPolicies());
    Set<String> names = new HashSet<>();
    for (KubernetesObject object : objects) {
      assertTrue(names.add(object.getKind() + " " + Manifests.nameOf(object.getMetadata())), names::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void podsAreThoseThatTheirWorkloadSelectsAndNoOther(Workload workload) {
    assertEquals(List.of(workload),
        workloads().stream().filter(other -> other.selectedBy(workload.selector())).toList());
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void containersHaveNoMoreRightsThanTheyNeed(Workload workload) {
    assertEquals("RuntimeDefault", workload.pod().getSecurityContext().getSeccompProfile().getType());
    assertEquals(false, workload.pod().getAutomountServiceAccountToken());
    for (V1Container container : workload.containers()) {
      String which = workload + " " + container.getName();
      V1SecurityContext security = Objects.requireNonNull(container.getSecurityContext(), which);
      assertEquals(false, security.getAllowPrivilegeEscalation(), which);
      assertEquals(true, security.getReadOnlyRootFilesystem(), which);
      assertEquals(null, security.getPrivileged(), which);
      V1Capabilities capabilities = security.getCapabilities();
      assertEquals(List.of("ALL"), capabilities.getDrop(), which);
      boolean isRoot = security.getRunAsUser() == 0;
      assertEquals(isRoot ? List.of("NET_ADMIN") : List.of(), capabilities.getAdd(), which);
      assertEquals(isRoot ? null : true, security.getRunAsNonRoot(), which);
      assertEquals(Set.of("cpu", "memory"), container.getResources().getRequests().keySet(), which);
      assertEquals(Set.of("memory"), container.getResources().getLimits().keySet(), which);
    }
  }

  @Test
  void nothingThatLastsHasACapabilityInTheUnprivilegedPod() {
    Workload unprivileged = ALL.workload("unprivileged-app");
    List<String> root = unprivileged.containers().stream()
        .filter(container -> container.getSecurityContext().getRunAsUser() == 0)
        .map(V1Container::getName)
        .toList();
    assertEquals(List.of("make-tun"), root);
    assertEquals(null, unprivileged.container("make-tun").getRestartPolicy());
    long group = unprivileged.tunnel().getSecurityContext().getRunAsGroup();
    assertEquals(group, unprivileged.pod().getSecurityContext().getFsGroup());
  }

  @Test
  void sidecarsAreNativeOnes() {
    for (String name : List.of("app", "unprivileged-app", "gateway")) {
      Workload workload = ALL.workload(name);
      List<V1Container> first = workload.initContainers();
      assertEquals("tunnel", first.get(first.size() - 1).getName(), name);
      assertEquals("Always", workload.tunnel().getRestartPolicy(), name);
    }
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void probesAskForWhatIsServed(Workload workload) {
    V1Container tunnel = workload.tunnel();
    List<String> arguments = tunnel.getArgs();
    String metrics = arguments.get(arguments.indexOf("--metrics") + 1);
    assertEquals("9586", metrics.substring(metrics.lastIndexOf(':') + 1));
    assertEquals(9586, port(tunnel, "metrics").getContainerPort());
    assertProbe(tunnel.getStartupProbe(), "/readyz");
    assertProbe(tunnel.getLivenessProbe(), "/livez");
    assertProbe(tunnel.getReadinessProbe(), "/readyz");
  }

  private static void assertProbe(V1Probe probe, String path) {
    assertEquals(path, probe.getHttpGet().getPath());
    assertEquals(new IntOrString("metrics"), probe.getHttpGet().getPort());
  }

  private static V1ContainerPort port(V1Container container, String name) {
    return container.getPorts().stream()
        .filter(port -> name.equals(port.getName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(container.getName() + " has no port " + name));
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void whatIsMountedIsThere(Workload workload) {
    Set<String> mounted = new TreeSet<>();
    for (V1Container container : workload.containers()) {
      for (V1VolumeMount mount : container.getVolumeMounts()) {
        mounted.add(mount.getName());
        Set<String> files = filesOf(workload.volume(mount.getName()));
        if (mount.getSubPathExpr() != null) {
          for (String node : List.of("node-a", "node-b")) {
            String file = mount.getSubPathExpr().replace("$(NODE_NAME)", node);
            assertTrue(files.contains(file), workload + ": no " + file + " in " + files);
          }
          assertEquals("spec.nodeName", fieldOf(container, "NODE_NAME"));
        }
      }
    }
    assertEquals(mounted, workload.pod().getVolumes().stream().map(V1Volume::getName).collect(Collectors.toSet()));
  }

  private static Set<String> filesOf(V1Volume volume) {
    if (volume.getConfigMap() != null) {
      return ALL.configMap(volume.getConfigMap().getName()).keySet();
    }
    if (volume.getSecret() != null) {
      String name = volume.getSecret().getSecretName();
      assertTrue(ALL.secrets().containsKey(name), name);
      return Set.copyOf(ALL.secrets().get(name));
    }
    if (volume.getHostPath() != null) {
      assertEquals("/dev/net/tun", volume.getHostPath().getPath());
      return Set.of();
    }
    assertNotEquals(null, volume.getEmptyDir(), volume.getName());
    return Set.of();
  }

  private static String fieldOf(V1Container container, String variable) {
    return container.getEnv().stream()
        .filter(env -> env.getName().equals(variable))
        .map(V1EnvVar::getValueFrom)
        .map(from -> from.getFieldRef().getFieldPath())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + variable));
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void keysAreReadableToTheTunnelAlone(Workload workload) {
    for (V1Container container : workload.containers()) {
      for (V1VolumeMount mount : container.getVolumeMounts()) {
        V1Volume volume = workload.volume(mount.getName());
        if (volume.getSecret() != null) {
          assertEquals("tunnel", container.getName());
          assertEquals(true, mount.getReadOnly());
          boolean isRoot = container.getSecurityContext().getRunAsUser() == 0;
          assertEquals(isRoot ? 0400 : 0440, volume.getSecret().getDefaultMode());
        }
      }
    }
  }

  /** The mounts decide where files are, so these, and no fixed folder, say which text and key a configuration has. */
  @ParameterizedTest
  @MethodSource("workloads")
  void configurationsAreWhatJwgTakes(Workload workload, @TempDir Path folder) throws IOException, ConfigException {
    String key = Files.writeString(
        Files.createFile(folder.resolve("private.key"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
        "EPQqWpmsm7Hs2uQ0LNcqG0d6J6gzOxFJm2WIfLVbyVc=\n").toString();
    assertEquals(List.of("up", "/etc/wireguard/wg0.conf"), workload.tunnel().getArgs().subList(0, 2));
    int found = 0;
    for (V1Volume volume : workload.pod().getVolumes()) {
      if (volume.getConfigMap() != null) {
        for (Map.Entry<String, String> entry : ALL.configMap(volume.getConfigMap().getName()).entrySet()) {
          String text = entry.getValue();
          assertTrue(text.contains("PrivateKeyFile = /etc/jwg/private.key\n"), text);
          WgConfig config = WgConfigParser.parse(
              entry.getKey(), text.replace("/etc/jwg/private.key", key), WgConfigParser.Dialect.WG_QUICK);
          assertFalse(config.holdsSecrets());
          assertFalse(config.peers().isEmpty());
          found++;
        }
      }
    }
    assertTrue(found > 0);
    assertTrue(pathsIn(workload).contains("/etc/jwg/private.key"), () -> pathsIn(workload).toString());
    assertTrue(pathsIn(workload).contains("/etc/wireguard/wg0.conf"), () -> pathsIn(workload).toString());
  }

  private static Set<String> pathsIn(Workload workload) {
    Set<String> paths = new TreeSet<>();
    for (V1VolumeMount mount : workload.tunnel().getVolumeMounts()) {
      paths.add(mount.getMountPath());
      filesOf(workload.volume(mount.getName())).forEach(file -> paths.add(mount.getMountPath() + "/" + file));
    }
    return paths;
  }

  @Test
  void everyConfigMapIsMountedAndEverySecretToo() {
    Set<String> configMaps = new TreeSet<>();
    Set<String> secrets = new TreeSet<>();
    for (Workload workload : workloads()) {
      for (V1Volume volume : workload.pod().getVolumes()) {
        Optional.ofNullable(volume.getConfigMap()).ifPresent(map -> configMaps.add(map.getName()));
        Optional.ofNullable(volume.getSecret()).ifPresent(secret -> secrets.add(secret.getSecretName()));
      }
    }
    assertEquals(ALL.configMaps().stream().map(V1ConfigMap::getMetadata).map(Manifests::nameOf)
        .collect(Collectors.toSet()), configMaps);
    assertEquals(ALL.secrets().keySet(), secrets);
  }

  @Test
  void noTwoPodsHaveTheSameKey() {
    for (V1Deployment deployment : ALL.deployments()) {
      Workload workload = Workload.of(deployment);
      if (deployment.getSpec().getReplicas() == 1) {
        assertEquals("Recreate", deployment.getSpec().getStrategy().getType());
      } else {
        assertEquals(new IntOrString(0), deployment.getSpec().getStrategy().getRollingUpdate().getMaxSurge());
        List<V1PodAffinityTerm> apart = workload.pod().getAffinity().getPodAntiAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution();
        assertEquals(1, apart.size());
        assertEquals("kubernetes.io/hostname", apart.get(0).getTopologyKey());
        assertTrue(workload.selectedBy(Objects.requireNonNull(apart.get(0).getLabelSelector())));
        assertKeyOfNode(workload);
      }
    }
    for (V1DaemonSet daemonSet : ALL.daemonSets()) {
      assertEquals(new IntOrString(0), daemonSet.getSpec().getUpdateStrategy().getRollingUpdate().getMaxSurge());
      assertKeyOfNode(Workload.of(daemonSet));
    }
  }

  private static void assertKeyOfNode(Workload workload) {
    List<String> keys = workload.tunnel().getVolumeMounts().stream()
        .filter(mount -> workload.volume(mount.getName()).getSecret() != null)
        .map(V1VolumeMount::getSubPathExpr)
        .toList();
    assertEquals(List.of("$(NODE_NAME).key"), keys);
  }

  /** A policy has no effect on the host's network, and so none is there to be trusted. */
  @ParameterizedTest
  @MethodSource("workloads")
  void policiesLetInTheTunnelAndWhoMonitors(Workload workload) {
    List<V1NetworkPolicy> policies = ALL.networkPolicies().stream()
        .filter(policy -> workload.selectedBy(policy.getSpec().getPodSelector()))
        .toList();
    boolean onHost = Boolean.TRUE.equals(workload.pod().getHostNetwork());
    assertEquals(onHost ? 0 : 1, policies.size());
    for (V1NetworkPolicy policy : policies) {
      assertEquals(List.of("Ingress"), policy.getSpec().getPolicyTypes());
      policy.getSpec().getIngress().forEach(rule -> {
        V1NetworkPolicyPort let = rule.getPorts().get(0);
        assertEquals(1, rule.getPorts().size());
        V1ContainerPort port = port(workload.tunnel(), let.getPort().getStrValue());
        assertEquals(Optional.ofNullable(port.getProtocol()).orElse("TCP"), let.getProtocol());
        boolean isMetrics = "metrics".equals(port.getName());
        assertEquals(isMetrics, !rule.getFrom().isEmpty(), "anybody for the tunnel, nobody but monitors for metrics");
      });
    }
  }

  @Test
  void gatewaysListenWhereTheirPortIs() {
    V1ContainerPort port = port(ALL.workload("gateway").tunnel(), "wireguard");
    assertEquals("UDP", port.getProtocol());
    assertEquals(port.getContainerPort(), port.getHostPort());
    String text = String.valueOf(ALL.configMap("gateway").get("wg0.conf"));
    assertTrue(text.contains("ListenPort = " + port.getContainerPort() + "\n"), text);
    assertTrue(ALL.workload("gateway").selectedBy(ALL.disruptionBudgets().get(0).getSpec().getSelector()));
  }

  /** No model knows this kind: here is all of it that is used. */
  @Test
  void podMonitorFindsTheMetricsOfAll() {
    Map<String, Object> expected = Map.of(
        "apiVersion", "monitoring.coreos.com/v1",
        "kind", "PodMonitor",
        "metadata", Map.of("name", "jwg"),
        "spec", Map.of(
            "selector", Map.of("matchLabels", Map.of("jwg/metrics", "true")),
            "podMetricsEndpoints", List.of(Map.of("port", "metrics", "path", "/metrics", "interval", "15s"))));
    assertEquals(List.of(expected), ALL.custom());
    workloads().forEach(workload -> assertEquals("true", workload.labels().get("jwg/metrics"), workload.name()));
  }
}
