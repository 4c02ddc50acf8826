package dev.jwg.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The stock {@code wg}, run where {@code /var/run/wireguard} is a directory of the test (in a mount namespace). */
final class Wg {
  static final Path PROGRAM = Path.of("/usr/bin/wg");

  private static final String IN_NAMESPACE =
      "mount -t tmpfs none /run && mkdir /run/wireguard && mount --bind \"$0\" /run/wireguard && exec wg \"$@\"";

  private final Path sockets;

  Wg(Path sockets) {
    this.sockets = sockets;
  }

  /** True if it is installed and we may make mount namespaces. */
  static boolean isUsable() {
    return Files.isExecutable(PROGRAM) && "root".equals(System.getProperty("user.name"));
  }

  /** True for that version of wireguard-tools and later ones. */
  static boolean isSince(String wanted) throws IOException {
    Process version = new ProcessBuilder("wg", "--version").start();
    String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.replaceFirst("^wireguard-tools v", "").compareTo(wanted) >= 0;
  }

  /** What it prints; errors too, and the exit status if it fails. */
  String run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
    List<String> command = Stream.concat(
            Stream.of("unshare", "-m", "sh", "-c", IN_NAMESPACE, sockets.toString()), Stream.of(arguments))
        .collect(Collectors.toList());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    return status == 0 ? text : text + "exit status " + status + "\n";
  }
}
