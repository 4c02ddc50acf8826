package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code docker/compose.yaml} as it is, but for the applications' image, which no registry is asked for here. */
@NetworkTest
final class ComposeIT {
  private static final String APPLICATION = """
      services:
        a: {image: %1$s, command: [ncat, --listen, --keep-open, "8080", --sh-exec, "echo hello"]}
        b: {image: %1$s, command: [sleep, infinity]}
      """.formatted(Image.TOOLS);

  private final Map<String, String> environment = new TreeMap<>();

  @BeforeAll
  static void needEngine() {
    Assumptions.assumeTrue(Image.canBeBuilt(), "no container engine here: integration-tests/setup-containers says why");
    Image.jwg();
  }

  @Test
  void twoSitesReachEachOthersApplicationThroughTheTunnel(Lab lab) {
    environment.put("JWG_IMAGE", Image.jwg());
    environment.put("JWG_KEYS", lab.folder("keys").toString());
    Path applications = lab.file("applications.yaml", APPLICATION);
    lab.alsoLog(() -> compose(applications, "logs").output());
    try {
      String keys = makeKeys(applications);
      assertEquals(keys, makeKeys(applications), "keys that are there stay");
      keys.lines().map(line -> line.split("=", 2)).forEach(pair -> environment.put(pair[0], pair[1]));
      compose(applications, "up", "--detach", "--no-build").orFail();
      Await.until("b hears a's application", Duration.ofSeconds(30), () ->
          compose(applications, "exec", "-T", "b", "ncat", "--recv-only", "-w", "2", "10.8.0.1", "8080")
              .output().equals("hello"));
      compose(applications, "exec", "-T", "a-tunnel", "jwg", "health", "wg0").orFail();
    } finally {
      compose(applications, "down", "--timeout", "1");
    }
  }

  private String makeKeys(Path applications) {
    String output = compose(applications, "run", "--rm", "-T", "keys").orFail();
    return String.join("\n", output.lines().filter(line -> line.contains("_public_key=")).toList());
  }

  private Result compose(Path applications, String... arguments) {
    List<String> command = new ArrayList<>(List.of(
        "docker", "compose", "--project-name", "jwg-it-compose-" + ProcessHandle.current().pid(),
        "--file", "docker/compose.yaml", "--file", applications.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder program = new ProcessBuilder(command);
    program.environment().putAll(environment);
    return new Running(command, program).awaitExit(Duration.ofSeconds(90));
  }
}
