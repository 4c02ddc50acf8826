package dev.jwg.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  @BeforeAll
  static void needEngine() {
    Assumptions.assumeTrue(Image.canBeBuilt(), "no container engine here: integration-tests/setup-containers says why");
    Image.jwg();
  }

  @Test
  void twoSitesReachEachOthersApplicationThroughTheTunnel(Lab lab) {
    KeyPair a = KeyPair.generate();
    KeyPair b = KeyPair.generate();
    configure(lab, "a", a, "10.8.0.1/24", b, "10.8.0.2/32");
    configure(lab, "b", b, "10.8.0.2/24", a, "10.8.0.1/32");
    Path applications = lab.file("applications.yaml", APPLICATION);
    lab.alsoLog(() -> compose(lab, applications, "logs").output());
    try {
      compose(lab, applications, "up", "--detach", "--no-build").orFail();
      Await.until("b hears a's application", Duration.ofSeconds(30), () ->
          compose(lab, applications, "exec", "-T", "b", "ncat", "--recv-only", "-w", "2", "10.8.0.1", "8080")
              .output().equals("hello"));
    } finally {
      compose(lab, applications, "down", "--timeout", "1");
    }
  }

  /** The file that the README shows. */
  private static void configure(Lab lab, String site, KeyPair own, String address, KeyPair other, String otherAddress) {
    lab.folder(site);
    lab.file(site + "/wg0.conf", """
        [Interface]
        PrivateKey = %s
        Address = %s
        ListenPort = 51820

        [Peer]
        PublicKey = %s
        AllowedIPs = %s
        Endpoint = %s:51820
        """.formatted(own.privateKey(), address, other.publicKey(), otherAddress, site.equals("a") ? "b" : "a"));
  }

  private static Result compose(Lab lab, Path applications, String... arguments) {
    List<String> command = new ArrayList<>(List.of(
        "docker", "compose", "--project-name", "jwg-it-compose-" + ProcessHandle.current().pid(),
        "--file", "docker/compose.yaml", "--file", applications.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder program = new ProcessBuilder(command);
    program.environment().put("JWG_IMAGE", Image.jwg());
    program.environment().put("JWG_SITES", lab.folder(".").toString());
    return new Running(command, program).awaitExit(Duration.ofSeconds(90));
  }
}
