package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DockerOptionsTest {
  private static final Manifests MANIFESTS = new Manifests(Manifests.FOLDER);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private DockerOptions options(String workload, String container, Map<String, MountedFolder> folders) {
    Workload pods = MANIFESTS.workload(workload);
    Map<String, String> fields = Map.of("spec.nodeName", "node-b", "status.hostIP", "192.0.2.7");
    return new DockerOptions(pods, pods.container(container), fields, folders, "--device=TUN");
  }

  private MountedFolder mounted(String name, String file) throws IOException {
    // Of the file's own group: another one is root's to give.
    MountedFolder mounted = new MountedFolder(Files.createDirectory(folder.resolve(name)), 0400,
        ((Number) Files.getAttribute(folder, "unix:gid")).longValue());
    mounted.set(Map.of(file, "content"));
    return mounted;
  }

  @Test
  void sidecarOfRootHasOneCapability() throws IOException {
    MountedFolder configuration = mounted("configuration", "wg0.conf");
    MountedFolder key = mounted("key", "private.key");
    DockerOptions options = options("app", "tunnel", Map.of("configuration", configuration, "key", key));
    assertEquals(
        List.of("--user", "0:0", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN", "--security-opt", "no-new-privileges",
            "--read-only", "--memory", "167772160", "--memory-swap", "167772160",
            "--volume", configuration.path() + ":/etc/wireguard:ro", "--volume", key.path() + ":/etc/jwg:ro",
            "--device=TUN", "--tmpfs", "/run:mode=0777,size=1048576"),
        options.options());
    assertEquals(
        List.of("up", "/etc/wireguard/wg0.conf", "--watch", "--metrics", ":9586", "--log-format", "json"),
        options.command());
  }

  @Test
  void sidecarOfAnotherUserHasNoneAndAGroupForItsFiles() throws IOException {
    List<String> options = options("unprivileged-app", "tunnel", Map.of(
        "configuration", mounted("configuration", "wg0.conf"), "key", mounted("key", "private.key"))).options();
    assertEquals(
        List.of("--user", "10001:10001", "--group-add", "10001", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges", "--read-only"),
        options.subList(0, 9));
  }

  @Test
  void commandsAreEntryPointsAndTheirArguments() {
    DockerOptions options = options("unprivileged-app", "make-tun", Map.of());
    assertEquals(List.of("--entrypoint", "sh"), options.options().subList(
        options.options().size() - 2, options.options().size()));
    assertEquals("-ec", options.command().get(0));
  }

  @Test
  void variablesStandForFieldsOfThePod() throws IOException {
    MountedFolder keys = mounted("keys", "node-b.key");
    DockerOptions options = options("node-tunnel", "tunnel", Map.of(
        "configuration", mounted("configuration", "node-b.conf"), "keys", keys));
    List<String> all = options.options();
    assertEquals(List.of("--env", "NODE_IP=192.0.2.7", "--env", "NODE_NAME=node-b"),
        all.subList(all.indexOf("--env"), all.indexOf("--env") + 4));
    assertEquals(1, all.stream().filter((keys.file("node-b.key") + ":/etc/jwg/private.key:ro")::equals).count(),
        all::toString);
    assertEquals("192.0.2.7:9586", options.command().get(3));
  }

  @Test
  void changeOfAFolderIsSeenThroughItsLinks() throws IOException {
    MountedFolder mounted = mounted("configuration", "wg0.conf");
    Path old = mounted.file("wg0.conf");
    mounted.set(Map.of("wg0.conf", "new"));
    assertEquals("new", Files.readString(mounted.path().resolve("wg0.conf")));
    assertEquals("content", Files.readString(old));
    assertEquals("r--------", PosixFilePermissions.toString(
        Files.getPosixFilePermissions(mounted.file("wg0.conf"))));
  }
}
