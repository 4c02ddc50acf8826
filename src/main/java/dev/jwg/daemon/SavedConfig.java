package dev.jwg.daemon;

import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigFile;
import dev.jwg.config.HostConfig;
import dev.jwg.config.HostConfig.InterfaceAddress;
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
import dev.jwg.net.IpAddress;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration file brought up to its interface: keys, port, mark, peers, addresses and MTU as they are now, all else
 * that wg-quick adds as the file has it. A key stays in its own file as long as it is the same. Comments are lost, as with
 * {@code wg-quick save}.
 */
public final class SavedConfig {
  private static final Logger log = LoggerFactory.getLogger(SavedConfig.class);

  private SavedConfig() {}

  /**
   * Replaces the file, at once and by one that only its owner can read. A line that is wrong by now is left out with a
   * warning, as it is with wg-quick: the state of the interface is not lost for it.
   *
   * @throws ConfigException there is no such file, or it cannot be read; it stays
   * @throws IOException the file cannot be replaced; it stays
   */
  public static void write(Path file, DeviceState state) throws IOException, ConfigException {
    write(file, ConfigFile.interfaceName(file), state);
  }

  /** As {@link #write(Path, DeviceState)}, for an interface that has another name than its file. */
  static void write(Path file, String interfaceName, DeviceState state) throws IOException, ConfigException {
    Path real = file.toRealPath();
    WgConfig before =
        WgConfigParser.parseWhatIsRight(
            file.toString(),
            ConfigFile.read(real).text(),
            fault -> log.warn("{}: this line is not saved", fault.getMessage()));
    HostConfig host = present(interfaceName, before.device().host());
    replace(real, WgConfigPrinter.print(config(state, before, host)));
  }

  /** With the interface's own addresses and MTU; as before if there is no such interface any more. */
  private static HostConfig present(String interfaceName, HostConfig before) throws SocketException {
    NetworkInterface found = NetworkInterface.getByName(interfaceName);
    return found == null ? before : before.with(addresses(found, before.addresses()), found.getMTU());
  }

  /** The interface's addresses, those of the file first and in its order. */
  private static List<InterfaceAddress> addresses(NetworkInterface found, List<InterfaceAddress> before) {
    List<InterfaceAddress> present =
        found.getInterfaceAddresses().stream()
            .map(address -> new InterfaceAddress(IpAddress.of(address.getAddress()), address.getNetworkPrefixLength()))
            .toList();
    Stream<InterfaceAddress> kept = before.stream().filter(present::contains);
    Stream<InterfaceAddress> more = present.stream().filter(address -> !isMadeByKernel(address.address()));
    return Stream.concat(kept, more).distinct().toList();
  }

  /** The kernel gives an interface a link-local address by itself. */
  private static boolean isMadeByKernel(IpAddress address) {
    return address.isV6() && address.high() >>> 54 == 0xfe80 >>> 6;
  }

  private static WgConfig config(DeviceState state, WgConfig before, HostConfig host) {
    InterfaceConfig device =
        new InterfaceConfig(
            state.privateKey(),
            before.device().privateKeyFile().filter(file -> before.device().privateKey().equals(state.privateKey())),
            unlessZero(state.listenPort()),
            unlessZero(state.fwmark()),
            host);
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
