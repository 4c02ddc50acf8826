package dev.jwg.daemon;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.HostConfig;
import dev.jwg.config.InterfaceConfig;
import dev.jwg.config.PeerConfig;
import dev.jwg.config.PeerEndpoint;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.config.WgConfigPrinter;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.net.Endpoint;
import dev.jwg.route.AllowedIpChange;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A configuration file brought up to its interface: keys, port, mark and peers as they are now, all that wg-quick adds
 * as the file has it. A key stays in its own file as long as it is the same. Comments are lost, as with
 * {@code wg-quick save}.
 */
public final class SavedConfig {
  private SavedConfig() {}

  /**
   * Replaces the file, at once and by one that only its owner can read.
   *
   * @throws ConfigException the file as it is now cannot be understood; it stays
   * @throws IOException the file cannot be replaced; it stays
   */
  public static void write(Path file, DeviceState state) throws IOException, ConfigException {
    Path real = file.toRealPath();
    WgConfig before =
        WgConfigParser.parse(file.toString(), ConfigFile.read(real).text(), WgConfigParser.Dialect.WG_QUICK);
    replace(real, WgConfigPrinter.print(config(state, before)));
  }

  private static WgConfig config(DeviceState state, WgConfig before) {
    InterfaceConfig device =
        new InterfaceConfig(
            state.privateKey(),
            before.device().privateKeyFile().filter(file -> before.device().privateKey().equals(state.privateKey())),
            unlessZero(state.listenPort()),
            unlessZero(state.fwmark()),
            before.device().host());
    Map<PublicKey, PeerConfig> peersBefore = new HashMap<>();
    before.peers().forEach(peer -> peersBefore.put(peer.publicKey(), peer));
    return new WgConfig(
        device,
        state.peers().stream()
            .map(peer -> peer(peer, Optional.ofNullable(peersBefore.get(peer.publicKey()))))
            .toList());
  }

  private static PeerConfig peer(PeerState peer, Optional<PeerConfig> before) {
    return new PeerConfig(
        peer.publicKey(),
        peer.presharedKey(),
        before
            .filter(same -> same.presharedKey().equals(peer.presharedKey()))
            .flatMap(PeerConfig::presharedKeyFile),
        /* replaceAllowedIps= */ true,
        peer.allowedIps().stream().map(prefix -> new AllowedIpChange(prefix, /* remove= */ false)).toList(),
        peer.endpoint().map(SavedConfig::endpoint),
        unlessZero(peer.persistentKeepalive()));
  }

  private static OptionalInt unlessZero(int value) {
    return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static PeerEndpoint endpoint(Endpoint endpoint) {
    String zone = endpoint.scopeId() == 0 ? "" : "%" + interfaceName(endpoint.scopeId());
    return new PeerEndpoint(endpoint.address() + zone, endpoint.port());
  }

  /** Unlike its number, the name means the same after a restart. */
  private static String interfaceName(int index) {
    try {
      NetworkInterface found = NetworkInterface.getByIndex(index);
      return found == null ? Integer.toString(index) : found.getName();
    } catch (SocketException unknown) {
      return Integer.toString(index);
    }
  }

  /** The new file is on the disk before it takes the name, so that a crash leaves one of the two whole. */
  private static void replace(Path file, String text) throws IOException {
    Path fresh =
        Files.createTempFile(
            file.getParent(),
            file.getFileName() + ".",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer rest = StandardCharsets.UTF_8.encode(text);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
