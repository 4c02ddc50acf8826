package dev.jwg.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PublicKey;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetArgumentsTest {
  private static final String KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  private static final String OTHER = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

  @TempDir private Path directory;

  private String file(String text) throws Exception {
    return Files.writeString(Files.createTempFile(directory, "key", ""), text).toString();
  }

  private static WgChange parse(String... words) throws ConfigException {
    return SetArguments.parse(List.of(words));
  }

  private static PeerConfig peer(String... words) throws ConfigException {
    WgChange change = parse(words);
    assertEquals(1, change.peers().size());
    return change.peers().get(0).config();
  }

  private static String fault(String... words) {
    return String.valueOf(assertThrows(ConfigException.class, () -> parse(words)).getMessage());
  }

  private static AllowedIpChange change(String prefix, boolean remove) {
    return new AllowedIpChange(IpPrefix.parse(prefix), remove);
  }

  @Test
  void whatIsNotNamedStaysAsItIs() throws Exception {
    InterfaceConfig nothing =
        new InterfaceConfig(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), HostConfig.NONE);
    assertEquals(new WgChange(nothing, List.of()), parse());
    assertEquals(
        new PeerConfig(
            PublicKey.parseBase64(KEY), Optional.empty(), false, List.of(), Optional.empty(), OptionalInt.empty()),
        peer("peer", KEY));
  }

  @Test
  void wordsMeanWhatTheKeysOfAFileMean() throws Exception {
    InterfaceConfig device = parse("fwmark", "0x10", "listen-port", "5", "private-key", file(KEY)).device();
    assertEquals(16, device.fwMark().orElseThrow());
    assertEquals(5, device.listenPort().orElseThrow());
    assertEquals(KEY, device.privateKey().orElseThrow().toBase64());
    PeerConfig peer = peer("peer", OTHER, "persistent-keepalive", "off", "endpoint", "vpn.example:5", "preshared-key",
        file(KEY + "\n"));
    assertEquals(0, peer.persistentKeepalive().orElseThrow());
    assertEquals(new PeerEndpoint("vpn.example", 5), peer.endpoint().orElseThrow());
    assertEquals(KEY, peer.presharedKey().orElseThrow().toBase64());
  }

  @Test
  void anEmptyFileIsNoKey() throws Exception {
    assertTrue(parse("private-key", file("")).device().privateKey().orElseThrow().isZero());
    assertTrue(peer("peer", KEY, "preshared-key", "/dev/null").presharedKey().orElseThrow().isZero());
  }

  @Test
  void peersComeInOrderAndMayBeRemoved() throws Exception {
    List<WgChange.Peer> peers = parse("peer", KEY, "remove", "peer", OTHER, "peer", KEY).peers();
    assertEquals(List.of(KEY, OTHER, KEY),
        peers.stream().map(peer -> peer.config().publicKey().toBase64()).toList());
    assertEquals(List.of(true, false, false), peers.stream().map(WgChange.Peer::remove).toList());
  }

  @Test
  void allowedIpsReplaceUnlessOneIsSigned() throws Exception {
    PeerConfig replaced = peer("peer", KEY, "allowed-ips", "10.0.0.0/8, fd00::/8");
    assertTrue(replaced.replaceAllowedIps());
    assertEquals(List.of(change("10.0.0.0/8", false), change("fd00::/8", false)), replaced.allowedIps());
    PeerConfig emptied = peer("peer", KEY, "allowed-ips", "");
    assertTrue(emptied.replaceAllowedIps());
    assertEquals(List.of(), emptied.allowedIps());
    PeerConfig changed = peer("peer", KEY, "allowed-ips", "-10.0.0.0/8,+1.2.3.4,fd00::/8");
    assertFalse(changed.replaceAllowedIps());
    assertEquals(
        List.of(change("10.0.0.0/8", true), change("1.2.3.4/32", false), change("fd00::/8", false)),
        changed.allowedIps());
    assertTrue(peer("peer", KEY, "allowed-ips", "+1.2.3.4", "allowed-ips", "1.2.3.5").replaceAllowedIps());
  }

  @Test
  void faultsSayWhichWordAndWhy() throws Exception {
    assertEquals("set: listen-port lacks its value", fault("listen-port"));
    assertEquals("set: listen-port belongs before the first peer", fault("peer", KEY, "listen-port", "5"));
    assertEquals("set: remove belongs behind a peer", fault("remove"));
    assertEquals("set: endpoint belongs behind a peer", fault("endpoint", "1.2.3.4:5"));
    assertEquals("set: unknown word", fault("bogus"));
    assertEquals("set: unknown word for a peer", fault("peer", KEY, KEY));
    assertEquals("set: fwmark: white space is not allowed here", fault("fwmark", "1 0"));
    assertEquals("set: allowed-ips: 10.0.0.0/33 is not a prefix (length is 0 to 32)",
        fault("peer", KEY, "allowed-ips", "10.0.0.0/33"));
    assertEquals("set: peer: not a key: 44 characters of base64 ending in = are expected", fault("peer", "x"));
    assertEquals("/no/such/file: no such file", fault("private-key", "/no/such/file"));
    String trailing = file(KEY + "\nx");
    assertEquals(trailing + ": something follows the key: give the key alone", fault("private-key", trailing));
  }

  @Test
  void aKeyInThePlaceOfItsFileIsNotRepeated() {
    assertEquals("set: private-key takes a file that holds the key, not the key: others can see arguments",
        fault("private-key", KEY));
    assertFalse(fault("peer", OTHER, "preshared-key", KEY).contains(KEY));
  }
}
