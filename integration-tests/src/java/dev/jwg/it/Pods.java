package dev.jwg.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pods on a network of the container engine: an application's container each, whose network others share. All of them
 * are gone when closed, and when the tests end in another way.
 */
final class Pods implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String prefix = "jwg-it-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final List<Container> containers = new ArrayList<>();
  private final Thread atExit = new Thread(this::remove);
  private final Lab lab;
  private final Path tun;

  Pods(Lab lab) {
    this.lab = lab;
    lab.alsoLog(this::logs);
    Runtime.getRuntime().addShutdownHook(atExit);
    Container.docker("network", "create", prefix).orFail();
    // A container gets the node as it is here, where only root may open it; on container hosts everybody may.
    tun = lab.folder("dev").resolve("tun");
    Lab.command("mknod", "-m", "666", tun.toString(), "c", "10", "200");
  }

  /** A pod whose application does nothing yet; other pods find it by its name. */
  Container pod(String name, String... options) {
    return start(name, inNetwork(options), Image.TOOLS, "sleep", "infinity");
  }

  /** The options that put a container into the pods' network, and further ones. */
  List<String> inNetwork(String... options) {
    List<String> all = new ArrayList<>(List.of("--network", prefix));
    all.addAll(List.of(options));
    return all;
  }

  /** A pod's address on the network. */
  String addressOf(Container pod) {
    return pod.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  }

  /** The option that gives a container the TUN device. */
  String tun() {
    return "--device=" + tun + ":/dev/net/tun";
  }

  /** Runs a line of shell in a pod as an init container that may set the network up. */
  void prepare(Container pod, String line) {
    Container.docker("run", "--rm", "--network", "container:" + pod.name(), "--cap-drop", "ALL", "--cap-add",
        "NET_ADMIN", tun(), Image.TOOLS, "bash", "-ec", line).orFail();
  }

  /** jwg beside an application, locked up as its README says, with a configuration file of this text. */
  Container sidecar(Container pod, Privilege privilege, String configuration, String... options) {
    Path file = lab.file(pod.name() + ".conf", configuration);
    Lab.command("chown", Integer.toString(privilege.user()), file.toString());
    List<String> all = new ArrayList<>(List.of(
        "--network", "container:" + pod.name(), "--cap-drop", "ALL", "--read-only",
        "--security-opt", "no-new-privileges", "--tmpfs", "/run",
        "--volume", file + ":/etc/wireguard/wg0.conf:ro"));
    all.addAll(privilege.options());
    all.addAll(List.of(options));
    return start(pod.name().substring(prefix.length() + 1) + "-jwg", all, Image.jwg());
  }

  /** The reference beside an application: wireguard-go, with the configuration that {@code wg setconf} takes. */
  Container wireguardGo(Container pod, String configuration, String address) {
    String cache = Software.fromSid();
    Path file = lab.file(pod.name() + ".conf", configuration);
    Container container = start(pod.name().substring(prefix.length() + 1) + "-go",
        List.of("--network", "container:" + pod.name(), "--cap-add", "NET_ADMIN", tun(),
            "--volume", cache + ":" + cache + ":ro", "--volume", file + ":/wg0.conf:ro",
            "--env", "WG_PROCESS_FOREGROUND=1"),
        Image.TOOLS, cache + "/bin/wireguard-go", "-f", "wg0");
    Await.until("wireguard-go is up", Container.LIMIT,
        () -> container.run(cache + "/bin/wg", "setconf", "wg0", "/wg0.conf").succeeded());
    container.ok("bash", "-ec", "ip address add " + address + " dev wg0; ip link set wg0 mtu 1420 up");
    return container;
  }

  /** Any container, with the options of {@code docker run}. */
  Container start(String name, List<String> options, String image, String... command) {
    Container container = new Container(prefix + "-" + name);
    containers.add(container);
    List<String> words = new ArrayList<>(List.of("run", "--detach", "--name", container.name()));
    words.addAll(options);
    words.add(image);
    words.addAll(List.of(command));
    Container.docker(words.toArray(String[]::new)).orFail();
    return container;
  }

  String logs() {
    StringBuilder logs = new StringBuilder();
    containers.forEach(container -> logs.append("--- ").append(container).append('\n').append(container.log()).append('\n'));
    return logs.toString();
  }

  private void remove() {
    for (int last = containers.size() - 1; last >= 0; last--) {
      Container.docker("rm", "--force", "--volumes", containers.get(last).name());
    }
    Container.docker("network", "rm", prefix);
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(atExit);
    remove();
    Files.delete(tun);
  }
}
