package dev.jwg.it;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A pod of a manifest, run by the container engine in the place of a kubelet: one container after the other. */
final class ManifestPod {
  private static final String NATIVE_SIDECAR = "Always";

  private final Pods pods;
  private final Workload workload;
  private final Container network;
  private final Map<String, MountedFolder> folders = new TreeMap<>();
  private final Map<String, String> fields;
  private final String name;

  private ManifestPod(Pods pods, Workload workload, String node) {
    this.pods = pods;
    this.workload = workload;
    name = workload.name() + "-" + node;
    network = pods.pod(name);
    fields = Map.of("spec.nodeName", node, "status.hostIP", pods.addressOf(network));
  }

  /**
   * Starts all of its containers.
   *
   * @param configuration gives the text of a ConfigMap's file the keys of this test
   * @param keys in the workload's secret, by their files
   */
  static ManifestPod start(
      Lab lab, Pods pods, Manifests manifests, Workload workload, String node, UnaryOperator<String> configuration,
      Map<String, String> keys) {
    ManifestPod pod = new ManifestPod(pods, workload, node);
    for (V1Volume volume : workload.pod().getVolumes()) {
      if (volume.getConfigMap() != null) {
        Map<String, String> files = new TreeMap<>(manifests.configMap(volume.getConfigMap().getName()));
        files.replaceAll((file, text) -> configuration.apply(text));
        pod.mount(lab, volume, 0644, files);
      } else if (volume.getSecret() != null) {
        pod.mount(lab, volume, volume.getSecret().getDefaultMode(), keys);
      }
    }
    workload.containers().forEach(pod::run);
    return pod;
  }

  private void mount(Lab lab, V1Volume volume, int mode, Map<String, String> files) {
    @Nullable Long group = workload.pod().getSecurityContext().getFsGroup();
    MountedFolder folder =
        new MountedFolder(lab.folder(name + "-" + volume.getName()), mode, group == null ? 0 : group);
    folder.set(files);
    folders.put(volume.getName(), folder);
  }

  private void run(V1Container container) {
    DockerOptions docker = new DockerOptions(workload, container, fields, folders, pods.tun());
    List<String> options = new ArrayList<>(List.of("--network", "container:" + network.name()));
    options.addAll(docker.options());
    String image = container.getImage().startsWith("jwg:") ? Image.jwg() : Image.TOOLS;
    Container started =
        pods.start(name + "-" + container.getName(), options, image, docker.command().toArray(String[]::new));
    boolean runsToItsEnd =
        workload.initContainers().contains(container) && !NATIVE_SIDECAR.equals(container.getRestartPolicy());
    if (runsToItsEnd && started.awaitEnd() != 0) {
      throw new AssertionError(container.getName() + " failed: " + started.log());
    }
    Optional.ofNullable(container.getStartupProbe()).ifPresent(probe -> await(container, probe));
  }

  /** Returns once a kubelet would be content. */
  void await(V1Container container, V1Probe probe) {
    List<Result> answers = new ArrayList<>();
    try {
      Await.until("a probe of " + container.getName() + " succeeds", Container.LIMIT, () -> {
        Result answer = probe(container, probe);
        answers.add(answer);
        return answer.succeeded();
      });
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + ": " + answers.get(answers.size() - 1), late);
    }
  }

  /** What a kubelet, which is outside of the pod, does for a probe. */
  private Result probe(V1Container container, V1Probe probe) {
    if (probe.getExec() != null) {
      return container(container.getName()).run(probe.getExec().getCommand().toArray(String[]::new));
    }
    String portName = probe.getHttpGet().getPort().getStrValue();
    int port = container.getPorts().stream()
        .filter(candidate -> portName.equals(candidate.getName()))
        .mapToInt(V1ContainerPort::getContainerPort)
        .findFirst()
        .orElseThrow();
    List<String> request =
        List.of("curl", "-sS", "-f", "-m", "3", "http://" + address() + ":" + port + probe.getHttpGet().getPath());
    return new Running(request, new ProcessBuilder(request)).awaitExit(Host.COMMAND_LIMIT);
  }

  Workload workload() {
    return workload;
  }

  Container container(String container) {
    return new Container(network.name() + "-" + container);
  }

  String address() {
    return pods.addressOf(network);
  }

  /** Changes a ConfigMap's or Secret's files as a kubelet does. */
  void change(String volume, Map<String, String> files) {
    Optional.ofNullable(folders.get(volume)).orElseThrow().set(files);
  }
}
