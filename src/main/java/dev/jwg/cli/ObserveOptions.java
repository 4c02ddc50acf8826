package dev.jwg.cli;

import dev.jwg.crypto.PublicKey;
import dev.jwg.metrics.MetricsOptions;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Whether and where an endpoint can be watched; a mixin. */
final class ObserveOptions {
  /** The port is that of WireGuard's exporters; the address is no other's, since keys and allowed IPs are told. */
  private static final String DEFAULT = "127.0.0.1:9586";

  @Option(
      names = "--metrics",
      paramLabel = "[ADDR]:PORT",
      arity = "0..1",
      parameterConsumer = ListenAddress.class,
      description =
          "Serve /metrics (Prometheus), /livez and /readyz; at " + DEFAULT + " if no address is given, "
              + "at all addresses for :PORT.")
  private @Nullable InetSocketAddress address;

  @Option(
      names = "--ready-peer",
      paramLabel = "PUBLIC_KEY",
      converter = PeerKey.class,
      description = "Be ready only while the latest handshake with this peer is younger than 180 seconds.")
  private @Nullable PublicKey readyPeer;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec command;

  Optional<MetricsOptions> metrics() {
    if (address == null && readyPeer != null) {
      throw new ParameterException(command.commandLine(), "--ready-peer is of no use without --metrics");
    }
    return Optional.ofNullable(address).map(at -> new MetricsOptions(at, Optional.ofNullable(readyPeer)));
  }

  static final class PeerKey implements ITypeConverter<PublicKey> {
    @Override
    public PublicKey convert(String text) {
      try {
        return PublicKey.parseBase64(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException("not a public key: " + text);
      }
    }
  }

  /** Takes the next argument only if it is an address: no interface can have a colon in its name, so none is taken. */
  static final class ListenAddress implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
      boolean given = !arguments.isEmpty() && arguments.peek().indexOf(':') >= 0 && arguments.peek().indexOf('/') < 0;
      option.setValue(parse(given ? arguments.pop() : DEFAULT, command));
    }

    private static InetSocketAddress parse(String text, CommandSpec command) {
      int colon = text.lastIndexOf(':');
      String host = text.substring(0, colon);
      int port = port(text.substring(colon + 1));
      boolean bareV6 = host.indexOf(':') >= 0 && !(host.startsWith("[") && host.endsWith("]"));
      if (port < 0 || bareV6) {
        throw new ParameterException(
            command.commandLine(), "--metrics: not an address and port: " + text + ": such as 10.0.0.1:9586 or [::1]:9586");
      }
      InetSocketAddress address = host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
      if (address.isUnresolved()) {
        throw new ParameterException(command.commandLine(), "--metrics: unknown host: " + host);
      }
      return address;
    }

    private static int port(String text) {
      try {
        int port = Integer.parseInt(text);
        return port >= 0 && port <= 0xffff ? port : -1;
      } catch (NumberFormatException notANumber) {
        return -1;
      }
    }
  }
}
