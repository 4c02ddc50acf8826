package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.metrics.MetricsOptions;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

final class ObserveOptionsTest {
  private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  @CommandLine.Command
  static final class Command {
    @CommandLine.Mixin private final ObserveOptions options = new ObserveOptions();

    @CommandLine.Parameters private String name = "";
  }

  private static Command parse(String... arguments) {
    Command command = new Command();
    new CommandLine(command).parseArgs(arguments);
    return command;
  }

  private static Optional<InetSocketAddress> address(String... arguments) {
    return parse(arguments).options.metrics().map(MetricsOptions::address);
  }

  private static InetSocketAddress at(String host, int port) {
    return new InetSocketAddress(host, port);
  }

  @Test
  void withoutTheOptionNothingListens() {
    assertEquals(Optional.empty(), address("wg0"));
  }

  @Test
  void theAddressMayBeLeftOutBeforeANameOrAFile() {
    for (String name : new String[] {"wg0", "./wg0.conf", "/etc/a:1/wg0.conf"}) {
      Command command = parse("--metrics", name);
      assertEquals(name, command.name);
      assertEquals(
          at("127.0.0.1", 9586), command.options.metrics().orElseThrow().address(), name);
    }
  }

  @Test
  void anAddressIsTakenInEveryForm() {
    assertEquals(Optional.of(at("10.0.0.1", 80)), address("--metrics", "10.0.0.1:80", "wg0"));
    assertEquals(Optional.of(at("10.0.0.1", 80)), address("wg0", "--metrics=10.0.0.1:80"));
    assertEquals(Optional.of(at("::1", 80)), address("--metrics", "[::1]:80", "wg0"));
    assertEquals(Optional.of(new InetSocketAddress(9586)), address("--metrics", ":9586", "wg0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1:", "10.0.0.1:x", "10.0.0.1:65536", "::1:80", ":-1", "300.0.0.1:80"})
  void anAddressThatIsNoneIsRefused(String text) {
    ParameterException refused = assertThrows(ParameterException.class, () -> address("--metrics", text, "wg0"));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("--metrics: "), refused.getMessage());
  }

  @Test
  void thePeerIsAPublicKeyAndNeedsTheMetrics() {
    assertEquals(
        KEY,
        parse("--metrics", "--ready-peer", KEY, "wg0").options.metrics().orElseThrow().readyPeer().orElseThrow()
            .toBase64());
    assertThrows(ParameterException.class, () -> address("--metrics", "--ready-peer", "x", "wg0"));
    assertThrows(ParameterException.class, () -> address("--ready-peer", KEY, "wg0"));
  }
}
