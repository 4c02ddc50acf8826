package dev.jwg.uapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.linux.Errno;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import java.net.NetworkInterface;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UapiParserTest {
  private static final String KEY = "01".repeat(32);
  private static final String PEER = "public_key=" + "02".repeat(32) + "\n";

  /** Feeds the lines of one request, the empty one that ends it included, as a connection does. */
  static UapiRequest parse(String text) throws UapiException {
    UapiParser parser = new UapiParser();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length - 1 && !lines[i].isEmpty(); i++) {
      parser.line(lines[i]);
    }
    return parser.finish();
  }

  private static DeviceUpdate set(String lines) throws UapiException {
    return ((UapiRequest.Set) parse("set=1\n" + lines + "\n")).update();
  }

  private static PeerUpdate peer(String lines) throws UapiException {
    return set(PEER + lines).peers().get(0);
  }

  private static void assertRefused(Errno errno, String request) {
    assertEquals(errno, assertThrows(UapiException.class, () -> parse(request)).errno(), request);
  }

  @Test
  void getIsAnOperationWithoutFurtherLines() throws UapiException {
    assertEquals(new UapiRequest.Get(), parse("get=1\n\n"));
    assertRefused(Errno.EINVAL, "get=1\nlisten_port=1\n\n");
  }

  @Test
  void everyDeviceKeyIsRead() throws UapiException {
    DeviceUpdate update = set("private_key=" + KEY + "\nlisten_port=65535\nfwmark=4294967295\nreplace_peers=true\n");
    assertEquals(KEY, update.privateKey().orElseThrow().toHex());
    assertEquals(OptionalInt.of(65535), update.listenPort());
    assertEquals(OptionalInt.of(-1), update.fwmark());
    assertTrue(update.replacePeers());
  }

  @Test
  void whatIsNotSaidStaysAsItIs() throws UapiException {
    DeviceUpdate update = set("");
    assertTrue(update.privateKey().isEmpty() && update.listenPort().isEmpty() && update.fwmark().isEmpty());
    assertFalse(update.replacePeers());
    PeerUpdate peer = peer("");
    assertTrue(peer.presharedKey().isEmpty() && peer.endpoint().isEmpty() && peer.persistentKeepalive().isEmpty());
    assertFalse(peer.remove() || peer.updateOnly() || peer.replaceAllowedIps());
  }

  @Test
  void everyPeerKeyIsRead() throws UapiException {
    PeerUpdate peer = peer("update_only=true\npreshared_key=" + KEY + "\nendpoint=192.0.2.1:5\n"
        + "persistent_keepalive_interval=25\nreplace_allowed_ips=true\nallowed_ip=10.1.2.3/8\nallowed_ip=-fd00::/64\n"
        + "protocol_version=1\nremove=true\n");
    assertEquals(PublicKey.parseHex("02".repeat(32)), peer.publicKey());
    assertTrue(peer.updateOnly() && peer.remove() && peer.replaceAllowedIps());
    assertEquals(KEY, peer.presharedKey().orElseThrow().toHex());
    assertEquals("192.0.2.1:5", peer.endpoint().orElseThrow().toString());
    assertEquals(OptionalInt.of(25), peer.persistentKeepalive());
    assertEquals(
        List.of(
            new AllowedIpChange(new IpPrefix(IpAddress.parse("10.0.0.0"), 8), false),
            new AllowedIpChange(new IpPrefix(IpAddress.parse("fd00::"), 64), true)),
        peer.allowedIps());
  }

  @Test
  void replacingAllowedIpsAlsoForgetsThoseOfEarlierLines() throws UapiException {
    assertEquals(1, peer("allowed_ip=10.0.0.0/8\nreplace_allowed_ips=true\nallowed_ip=10.0.0.0/9\n").allowedIps().size());
  }

  @Test
  void aZoneIsAnInterfaceNameOrAnIndex() throws Exception {
    int loopback = NetworkInterface.getByName("lo").getIndex();
    assertEquals(loopback, peer("endpoint=[fe80::1%lo]:5\n").endpoint().orElseThrow().scopeId());
    assertEquals(77, peer("endpoint=[fe80::1%77]:5\n").endpoint().orElseThrow().scopeId());
    assertRefused(Errno.EINVAL, "set=1\n" + PEER + "endpoint=[fe80::1%nosuchif]:5\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "bogus=1", "=1", "listen_port=65536", "listen_port=", "listen_port=-1", "listen_port=+1", "listen_port= 1",
    "listen_port=99999999999999999999", "fwmark=4294967296", "fwmark=0x10", "fwmark=", "replace_peers=false",
    "replace_peers=", "private_key=", "private_key=00", "private_key=zz", "endpoint=1.2.3.4:5", "protocol_version=1",
    "public_key=00"
  })
  void aBadDeviceLineIsInvalid(String line) {
    assertRefused(Errno.EINVAL, "set=1\n" + line + "\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "bogus=1", "private_key=00", "listen_port=1", "remove=false", "update_only=1", "replace_allowed_ips=yes",
    "protocol_version=2", "preshared_key=0", "persistent_keepalive_interval=65536", "persistent_keepalive_interval=off",
    "endpoint=", "endpoint=:", "endpoint=1.2.3.4", "endpoint=1.2.3.4:", "endpoint=1.2.3.4:0", "endpoint=1.2.3.4:65536",
    "endpoint=1.2.3.4:x", "endpoint=localhost:5", "endpoint=::1:5", "endpoint=[::1]", "endpoint=[1.2.3.4]:5",
    "endpoint=[::1:5", "endpoint=]:5", "endpoint=[]:5", "endpoint=1.2.3.4%lo:5", "endpoint=[fe80::1%]:5",
    "allowed_ip=", "allowed_ip=10.0.0.0", "allowed_ip=10.0.0.0/", "allowed_ip=10.0.0.0/33", "allowed_ip=::/129",
    "allowed_ip=/8", "allowed_ip=10.0.0/8", "allowed_ip=--10.0.0.0/8", "allowed_ip=10.0.0.0/-1"
  })
  void aBadPeerLineIsInvalid(String line) {
    assertRefused(Errno.EINVAL, "set=1\n" + PEER + line + "\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n\n", "hello\n\n", "get=2\n\n", "set=1\nnonsense\n\n", "", "set=1\r\n\n"})
  void whatIsNotTheProtocolIsAProtocolError(String request) {
    assertRefused(Errno.EPROTO, request);
  }

  @Test
  void theFirstOfSeveralErrorsIsReported() {
    assertRefused(Errno.EINVAL, "set=1\nlisten_port=x\nnonsense\n\n");
  }

  @Test
  void aRefusedKeyIsNotQuoted() {
    String almost = "ab".repeat(31) + "q";
    UapiException refusal =
        assertThrows(UapiException.class, () -> parse("set=1\nprivate_key=" + almost + "\n\n"));
    assertFalse(refusal.toString().contains("abab"));
    assertEquals(null, refusal.getCause());
  }

  @Test
  void hostileTextIsRefusedByTheProtocolErrorOnly() {
    String request = "set=1\nprivate_key=" + KEY + "\nlisten_port=51820\nfwmark=7\nreplace_peers=true\n" + PEER
        + "preshared_key=" + KEY + "\nendpoint=[fe80::1%lo]:55\npersistent_keepalive_interval=5\n"
        + "replace_allowed_ips=true\nallowed_ip=10.0.0.0/8\nallowed_ip=-fd00::/64\n\n";
    long seed = System.nanoTime();
    for (int length = 0; length < request.length(); length++) {
      parseHostile(request.substring(0, length) + "\n\n", seed);
    }
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      char[] flipped = request.toCharArray();
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        flipped[random.nextInt(flipped.length)] ^= (char) (1 << random.nextInt(8));
      }
      parseHostile(new String(flipped), seed);
    }
  }

  private static void parseHostile(String text, long seed) {
    try {
      parse(text);
    } catch (UapiException expected) {
      assertTrue(expected.errno() == Errno.EINVAL || expected.errno() == Errno.EPROTO, "seed " + seed);
    } catch (RuntimeException unexpected) {
      throw new AssertionError("seed " + seed + ": " + text, unexpected);
    }
  }
}
