package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SavedConfigTest {
  private static final PrivateKey PRIVATE = PrivateKey.parseHex("01".repeat(32));
  private static final PresharedKey PRESHARED = PresharedKey.parseHex("02".repeat(32));
  private static final PublicKey FIRST = PublicKey.parseHex("c4".repeat(32));
  private static final PublicKey SECOND = PublicKey.parseHex("c5".repeat(32));

  private static final String HOST_KEYS = """
      Address = 10.8.0.1/24
      Address = fd08::1/64
      DNS = 10.8.0.53
      DNS = example.org
      MTU = 1400
      Table = 77
      SaveConfig = true
      PreUp = echo %i # up
      PostUp = true
      PreDown = true
      PostDown = echo down
      """;

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("wg0.conf"), text);
  }

  private static PeerState peer(PublicKey key, Optional<PresharedKey> preshared, Endpoint endpoint, int keepalive) {
    List<IpPrefix> allowedIps =
        List.of(new IpPrefix(IpAddress.parse("10.9.0.0"), 16), new IpPrefix(IpAddress.parse("fd09::"), 16));
    return new PeerState(key, preshared, Optional.of(endpoint), Optional.empty(), 1, 2, keepalive,
        keepalive == 0 ? List.of() : allowedIps);
  }

  @Test
  void hostKeysStayAndAllElseIsAsTheInterfaceIs() throws Exception {
    Path file = file("# lost\n[Interface]\nPrivateKey = " + FIRST + "\nListenPort = 9\n" + HOST_KEYS
        + "[Peer]\nPublicKey = " + PublicKey.parseHex("c6".repeat(32)) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    NetworkInterface lo = NetworkInterface.getByName("lo");
    Endpoint linkLocal = new Endpoint(IpAddress.parse("fe80::1"), 51820, lo.getIndex(), Endpoint.Source.NONE);
    SavedConfig.write(file, new DeviceState(Optional.of(PRIVATE), 51821, 0xca6c, List.of(
        peer(FIRST, Optional.of(PRESHARED), new Endpoint(IpAddress.parse("192.0.2.1"), 51820), 25),
        peer(SECOND, Optional.empty(), linkLocal, 0))));
    assertEquals("""
        [Interface]
        %sListenPort = 51821
        FwMark = 0xca6c
        PrivateKey = %s

        [Peer]
        PublicKey = %s
        PresharedKey = %s
        AllowedIPs = 10.9.0.0/16, fd09::/16
        Endpoint = 192.0.2.1:51820
        PersistentKeepalive = 25

        [Peer]
        PublicKey = %s
        Endpoint = [fe80::1%%lo]:51820
        """.formatted(HOST_KEYS, PRIVATE.toBase64(), FIRST, PRESHARED.toBase64(), SECOND), Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertOnly("wg0.conf");
  }

  @Test
  void aKeyStaysInItsOwnFileUnlessItHasChanged() throws Exception {
    keyFile("private", PRIVATE.toBase64());
    keyFile("preshared", PRESHARED.toBase64());
    String interfaceSection = "[Interface]\nPrivateKeyFile = private\n";
    String peers = "\n[Peer]\nPublicKey = %s\nPresharedKeyFile = preshared\n".formatted(FIRST);
    Path file = file(interfaceSection + peers + peers.replace(FIRST.toString(), SECOND.toString()));
    Endpoint endpoint = new Endpoint(IpAddress.parse("192.0.2.1"), 7);
    SavedConfig.write(file, new DeviceState(Optional.of(PRIVATE), 0, 0, List.of(
        peer(FIRST, Optional.of(PRESHARED), endpoint, 0),
        peer(SECOND, Optional.of(PresharedKey.parseHex("09".repeat(32))), endpoint, 0))));
    assertEquals(interfaceSection + peers + "Endpoint = 192.0.2.1:7\n\n[Peer]\nPublicKey = " + SECOND
        + "\nPresharedKey = " + PresharedKey.parseHex("09".repeat(32)).toBase64() + "\nEndpoint = 192.0.2.1:7\n",
        Files.readString(file));
  }

  private void keyFile(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theFileBehindALinkIsReplacedNotTheLink() throws Exception {
    Path real = Files.writeString(folder.resolve("real"), "[Interface]\nMTU = 1300\n");
    Path link = Files.createSymbolicLink(folder.resolve("wg0.conf"), real);
    SavedConfig.write(link, new DeviceState(Optional.empty(), 0, 0, List.of()));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("[Interface]\nMTU = 1300\n", Files.readString(real));
    assertOnly("real", "wg0.conf");
  }

  @Test
  void linesThatAreWrongByNowAreWarnedOfAndKeepNothingFromBeingSaved() throws Exception {
    Path file = file("[Interface]\nColour = blue\nMTU = big\nPostUp = true\n[Peer]\nAllowedIPs = x\n[Sea]\n");
    List<String> warnings =
        Stderr.of(() -> SavedConfig.write(file, new DeviceState(Optional.of(PRIVATE), 1, 0, List.of())));
    assertEquals("[Interface]\nPostUp = true\nListenPort = 1\nPrivateKey = " + PRIVATE.toBase64() + "\n",
        Files.readString(file));
    assertEquals(List.of("2", "3", "6", "7", "5"),
        warnings.stream().map(line -> line.replaceFirst(".*wg0.conf:([0-9]+): .*", "$1")).toList(), warnings::toString);
    assertTrue(warnings.get(0).endsWith("wg0.conf:2: unknown key: this line is not saved"), warnings.get(0));
    assertOnly("wg0.conf");
  }

  @Test
  void aFileThatIsGoneByNowIsNotMadeAnew() {
    Path file = folder.resolve("wg0.conf");
    assertThrows(IOException.class, () -> SavedConfig.write(file, new DeviceState(Optional.empty(), 0, 0, List.of())));
    assertFalse(Files.exists(file));
  }

  /** The loopback interface is there for every test. */
  @Test
  void addressesAndMtuAreThoseThatTheInterfaceHasByNow() throws Exception {
    Path file = Files.writeString(folder.resolve("lo.conf"), "[Interface]\nAddress = 10.8.0.1/24, 127.0.0.1/8\nMTU = 900\n");
    SavedConfig.write(file, new DeviceState(Optional.empty(), 0, 0, List.of()));
    List<String> lines = Files.readAllLines(file);
    assertEquals(List.of("[Interface]", "Address = 127.0.0.1/8"), lines.subList(0, 2));
    assertFalse(lines.contains("Address = 10.8.0.1/24"), lines::toString);
    assertTrue(lines.contains("MTU = " + NetworkInterface.getByName("lo").getMTU()), lines::toString);
  }

  private void assertOnly(String... names) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(names), files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
