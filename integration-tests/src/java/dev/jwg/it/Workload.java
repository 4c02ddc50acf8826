package dev.jwg.it;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Pods that are alike, whatever keeps them running. */
record Workload(String name, V1LabelSelector selector, Map<String, String> labels, V1PodSpec pod) {
  private static final String TUNNEL = "tunnel";

  static Workload of(V1Deployment deployment) {
    return of(Manifests.nameOf(deployment.getMetadata()), deployment.getSpec().getSelector(),
        deployment.getSpec().getTemplate());
  }

  static Workload of(V1DaemonSet daemonSet) {
    return of(Manifests.nameOf(daemonSet.getMetadata()), daemonSet.getSpec().getSelector(),
        daemonSet.getSpec().getTemplate());
  }

  private static Workload of(String name, V1LabelSelector selector, V1PodTemplateSpec template) {
    return new Workload(name, selector, Objects.requireNonNull(template.getMetadata().getLabels()), template.getSpec());
  }

  List<V1Container> initContainers() {
    return pod.getInitContainers();
  }

  /** In the order of their start. */
  List<V1Container> containers() {
    return Stream.concat(initContainers().stream(), pod.getContainers().stream()).toList();
  }

  V1Container tunnel() {
    return container(TUNNEL);
  }

  V1Container container(String named) {
    return containers().stream().filter(container -> container.getName().equals(named)).findFirst()
        .orElseThrow(() -> new AssertionError(name + " has no container " + named));
  }

  V1Volume volume(String named) {
    return pod.getVolumes().stream().filter(volume -> volume.getName().equals(named)).findFirst()
        .orElseThrow(() -> new AssertionError(name + " has no volume " + named));
  }

  boolean selectedBy(V1LabelSelector by) {
    Map<String, String> wanted = Objects.requireNonNull(by.getMatchLabels());
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  @Override
  public String toString() {
    return name;
  }
}
