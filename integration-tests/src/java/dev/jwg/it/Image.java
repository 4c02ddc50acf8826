package dev.jwg.it;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** The container images that the tests run. */
final class Image {
  /** Made by integration-tests/setup-containers: a Debian with ip, ping, iperf3, ncat and socat. */
  static final String TOOLS = "jwg-it-tools:2";

  private static final Duration BUILD = Duration.ofMinutes(5);

  private static boolean isBuilt;

  private Image() {}

  /** True if there are an engine and the images to build on. */
  static boolean canBeBuilt() {
    try {
      return Container.docker("image", "inspect", TOOLS).succeeded();
    } catch (UncheckedIOException noClient) {
      return false;
    }
  }

  /** The image of docker/Dockerfile with the jar that all tests run. */
  static synchronized String jwg() {
    String name = "jwg-it:" + ProcessHandle.current().pid();
    if (!isBuilt) {
      List<String> command = List.of(
          "docker", "build", "--quiet", "--build-arg", "JAR=given", "--tag", name, "--file", "docker/Dockerfile", ".");
      ProcessBuilder build = new ProcessBuilder(command);
      build.environment().put("DOCKER_BUILDKIT", "1");
      new Running(command, build).awaitExit(BUILD).orFail();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Container.docker("image", "rm", name)));
      isBuilt = true;
    }
    return name;
  }

  static long bytes(String image) {
    return Long.parseLong(Container.docker("image", "inspect", "--format", "{{.Size}}", image).orFail());
  }
}
