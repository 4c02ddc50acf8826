package dev.jwg.cli;

import dev.jwg.config.HostConfig;
import dev.jwg.config.InterfaceConfig;
import dev.jwg.config.PeerConfig;
import dev.jwg.config.PeerEndpoint;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigPrinter;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.uapi.SocketFile;
import dev.jwg.uapi.UapiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The configuration of an interface as {@code setconf} takes it, secrets and all. */
@Command(name = "showconf", description = "Prints an interface's configuration, keys and all, as `wg showconf` does.")
final class ShowConf implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "The interface, such as wg0.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String name;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private final UapiClient client;

  ShowConf() {
    this(SocketFile.DIRECTORY);
  }

  ShowConf(Path sockets) {
    client = new UapiClient(sockets);
  }

  @Override
  public Integer call() throws IOException {
    WgConfig config = config(client.get(name));
    PrintWriter out = spec.commandLine().getOut();
    out.print(WgConfigPrinter.print(config));
    if (config.peers().isEmpty()) {
      out.print('\n'); // wg separates the peers from the interface even if there are none
    }
    out.flush();
    return 0;
  }

  private static WgConfig config(DeviceState state) {
    InterfaceConfig device = new InterfaceConfig(
        state.privateKey(), unlessZero(state.listenPort()), unlessZero(state.fwmark()), HostConfig.NONE);
    return new WgConfig(device, state.peers().stream().map(ShowConf::config).toList());
  }

  private static PeerConfig config(PeerState peer) {
    return new PeerConfig(
        peer.publicKey(),
        peer.presharedKey(),
        /* replaceAllowedIps= */ true,
        peer.allowedIps().stream().map(prefix -> new AllowedIpChange(prefix, false)).toList(),
        peer.endpoint().map(endpoint -> new PeerEndpoint(EndpointText.host(endpoint), endpoint.port())),
        unlessZero(peer.persistentKeepalive()));
  }

  private static OptionalInt unlessZero(int value) {
    return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
