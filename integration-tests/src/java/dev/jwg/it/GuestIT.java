package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest serves the tests as this machine's own hosts do, and keeps nothing of a test for the next. */
@NetworkTest
final class GuestIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @ParameterizedTest
  @EnumSource(names = {"KERNEL_6_1", "KERNEL_NEWEST"})
  void outputAndExitStatusComeBackAndFilesGoThere(Software kernel, Lab lab) {
    Path before = lab.file("before", "it's one\\n\n  line: \u00e4\n");
    Host host = lab.host("guest", kernel);
    Path after = lab.file("after", "another");
    assertEquals(Lab.text(before).strip(), host.ok("cat", before.toString()));
    assertEquals("another", host.ok("cat", after.toString()));
    assertEquals("600", host.ok("stat", "-c", "%a", after.toString()));
    Result result = host.run("bash", "-c", "echo out; echo err >&2; exit 7");
    assertEquals(7, result.status());
    assertEquals("out\nerr", result.output());
    assertTrue(host.ok("uname", "-r").matches(kernel.toString().replace("kernel ", "") + "\\..*"), kernel.toString());
  }

  @ParameterizedTest
  @EnumSource(names = {"KERNEL_6_1", "KERNEL_NEWEST"})
  void programsRunAtTheSameTimeUntilTheyAreSignalledOrTheirHostEnds(Software kernel, Lab lab) {
    Host host = lab.host("guest", kernel);
    Running signalled = host.start("bash", "-c", """
        trap 'echo ended; exit 3' TERM
        echo started
        while :; do sleep 0.1; done
        """);
    Running silent = host.start("sleep", "1000");
    signalled.awaitLine("^started$", LIMIT);
    signalled.signal("TERM");
    assertEquals(3, signalled.awaitExit(LIMIT).status());
    assertEquals("started\nended", signalled.output());
    assertTrue(silent.isAlive());
    assertEquals("1", count(host));
    Host neighbour = lab.hostBeside(host, "neighbour");
    assertEquals("0", count(neighbour), "a host sees its own processes only");
    host.close();
    assertFalse(silent.isAlive());
  }

  private static String count(Host host) {
    return host.sh("ps | grep -c '[s]leep 1000' || true");
  }

  @ParameterizedTest
  @EnumSource(names = {"KERNEL_6_1", "KERNEL_NEWEST"})
  void theCardReturnsFromAHostThatEndedWithoutItsAddresses(Software kernel, Lab lab) {
    for (int test = 0; test < 2; test++) {
      Host host = lab.host("guest", kernel);
      lab.outside().plug(host, "eth0", Switch.BRIDGE);
      assertEquals("", host.sh("ip -4 address show dev eth0 | grep inet || true"));
      assertFalse(host.hasLink(Side.DEVICE));
      host.address("eth0", "192.0.2.1/24");
      host.ok("ip", "link", "add", Side.DEVICE, "type", "wireguard");
      host.close();
    }
  }
}
