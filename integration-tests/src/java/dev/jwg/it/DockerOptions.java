package dev.jwg.it;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Capabilities;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What a container of a manifest is to {@code docker run}. The seccomp profile RuntimeDefault is the engine's own. */
final class DockerOptions {
  private final Workload workload;
  private final V1Container container;
  private final Map<String, MountedFolder> folders;
  private final String tun;
  private final Map<String, String> variables = new TreeMap<>();

  /**
   * @param fields of the pod, by the path by which a manifest asks for them
   * @param folders by the name of the volume
   * @param tun the option that gives a container the TUN device
   */
  DockerOptions(
      Workload workload, V1Container container, Map<String, String> fields, Map<String, MountedFolder> folders,
      String tun) {
    this.workload = workload;
    this.container = container;
    this.folders = folders;
    this.tun = tun;
    for (V1EnvVar variable : container.getEnv()) {
      String value = variable.getValueFrom() == null
          ? variable.getValue()
          : fields.get(variable.getValueFrom().getFieldRef().getFieldPath());
      variables.put(variable.getName(), Objects.requireNonNull(value, variable.getName()));
    }
  }

  /** All that stands before the image. */
  List<String> options() {
    List<String> options = new ArrayList<>();
    addRights(options, container.getSecurityContext());
    Quantity memory = Objects.requireNonNull(container.getResources().getLimits().get("memory"));
    String bytes = Long.toString(memory.getNumber().longValueExact());
    options.addAll(List.of("--memory", bytes, "--memory-swap", bytes));
    variables.forEach((name, value) -> options.addAll(List.of("--env", name + "=" + value)));
    container.getVolumeMounts().forEach(mount -> addMount(options, mount, workload.volume(mount.getName())));
    if (!container.getCommand().isEmpty()) {
      options.addAll(List.of("--entrypoint", container.getCommand().get(0)));
    }
    return options;
  }

  private void addRights(List<String> options, V1SecurityContext security) {
    options.addAll(List.of("--user", security.getRunAsUser() + ":" + security.getRunAsGroup()));
    Long group = workload.pod().getSecurityContext().getFsGroup();
    if (group != null) {
      options.addAll(List.of("--group-add", group.toString()));
    }
    V1Capabilities capabilities = security.getCapabilities();
    capabilities.getDrop().forEach(name -> options.addAll(List.of("--cap-drop", name)));
    capabilities.getAdd().forEach(name -> options.addAll(List.of("--cap-add", name)));
    if (Boolean.FALSE.equals(security.getAllowPrivilegeEscalation())) {
      options.addAll(List.of("--security-opt", "no-new-privileges"));
    }
    if (Boolean.TRUE.equals(security.getReadOnlyRootFilesystem())) {
      options.add("--read-only");
    }
  }

  private void addMount(List<String> options, V1VolumeMount mount, V1Volume volume) {
    MountedFolder folder = folders.get(volume.getName());
    if (folder != null) {
      String source = mount.getSubPathExpr() == null
          ? folder.path().toString()
          : folder.file(expand(mount.getSubPathExpr())).toString();
      options.addAll(List.of("--volume", source + ":" + mount.getMountPath() + ":ro"));
    } else if (volume.getEmptyDir() != null) {
      long size = volume.getEmptyDir().getSizeLimit().getNumber().longValueExact();
      options.addAll(List.of("--tmpfs", mount.getMountPath() + ":mode=0777,size=" + size));
    } else {
      options.add(tun);
    }
  }

  /** All that follows the image. */
  List<String> command() {
    List<String> command = new ArrayList<>(container.getCommand());
    if (!command.isEmpty()) {
      command.remove(0);
    }
    command.addAll(container.getArgs());
    return command.stream().map(this::expand).toList();
  }

  /** Puts values in the place of {@code $(NAME)}. */
  private String expand(String text) {
    String expanded = text;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      expanded = expanded.replace("$(" + variable.getKey() + ")", variable.getValue());
    }
    return expanded;
  }
}
