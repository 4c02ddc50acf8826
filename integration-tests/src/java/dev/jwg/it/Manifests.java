package dev.jwg.it;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What {@code kubectl apply -k} would send: the objects of a folder's kustomization and of those that it names, read
 * with the official client's model of the API, which refuses fields that it does not know.
 */
final class Manifests {
  static final Path FOLDER = Path.of("docker/kubernetes");

  private static final String KUSTOMIZATION = "kustomization.yaml";

  private final List<Path> files = new ArrayList<>();
  private final List<Object> objects = new ArrayList<>();
  private final List<Map<String, Object>> custom = new ArrayList<>();
  private final Map<String, List<String>> secrets = new TreeMap<>();

  Manifests(Path folder) {
    try {
      addKustomization(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void addKustomization(Path folder) throws IOException {
    Path file = folder.resolve(KUSTOMIZATION);
    files.add(file);
    Kustomization kustomization = new org.yaml.snakeyaml.Yaml().loadAs(Files.readString(file), Kustomization.class);
    for (String resource : kustomization.resources) {
      Path path = folder.resolve(resource);
      if (Files.isDirectory(path)) {
        addKustomization(path);
      } else {
        addFile(path);
      }
    }
    for (Kustomization.Generator generator : kustomization.secretGenerator) {
      secrets.put(generator.name, generator.files.stream().map(Manifests::keyOf).toList());
    }
  }

  /** {@code KEY=PATH}, or a path whose last name is the key. */
  private static String keyOf(String entry) {
    int equals = entry.indexOf('=');
    return equals < 0 ? String.valueOf(Path.of(entry).getFileName()) : entry.substring(0, equals);
  }

  private void addFile(Path path) throws IOException {
    files.add(path);
    Map<String, Object> raw = rawYaml(path);
    if (String.valueOf(raw.get("apiVersion")).startsWith("monitoring.coreos.com/")) {
      custom.add(raw);
    } else {
      objects.add(Yaml.load(Files.readString(path)));
    }
  }

  /** The file without a model. */
  static Map<String, Object> rawYaml(Path path) throws IOException {
    return new org.yaml.snakeyaml.Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(path));
  }

  List<Path> files() {
    return files;
  }

  /** Objects of kinds that the API server learns only from an operator. */
  List<Map<String, Object>> custom() {
    return custom;
  }

  /** The keys in each secret that is generated. */
  Map<String, List<String>> secrets() {
    return secrets;
  }

  List<V1ConfigMap> configMaps() {
    return all(V1ConfigMap.class);
  }

  /** The text in a ConfigMap, by its keys. */
  Map<String, String> configMap(String name) {
    return configMaps().stream()
        .filter(map -> nameOf(map.getMetadata()).equals(name))
        .map(map -> Optional.ofNullable(map.getData()).orElseThrow())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no ConfigMap " + name));
  }

  List<V1NetworkPolicy> networkPolicies() {
    return all(V1NetworkPolicy.class);
  }

  List<V1PodDisruptionBudget> disruptionBudgets() {
    return all(V1PodDisruptionBudget.class);
  }

  List<V1Deployment> deployments() {
    return all(V1Deployment.class);
  }

  List<V1DaemonSet> daemonSets() {
    return all(V1DaemonSet.class);
  }

  /** What runs pods, whatever its kind. */
  List<Workload> workloads() {
    List<Workload> workloads = new ArrayList<>();
    deployments().forEach(deployment -> workloads.add(Workload.of(deployment)));
    daemonSets().forEach(daemonSet -> workloads.add(Workload.of(daemonSet)));
    return workloads;
  }

  Workload workload(String name) {
    return workloads().stream().filter(workload -> workload.name().equals(name)).findFirst()
        .orElseThrow(() -> new AssertionError("no workload " + name));
  }

  private <T> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static String nameOf(V1ObjectMeta metadata) {
    return String.valueOf(metadata.getName());
  }
}
