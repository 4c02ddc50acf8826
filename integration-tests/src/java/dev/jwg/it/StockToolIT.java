package dev.jwg.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The stock {@code wg} shows and changes a jwg interface as it does a kernel's. */
@NetworkTest
final class StockToolIT {

  @Test
  void everySettingThatWgSetsIsShownAsItWasSet(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    jwg.startReady("create", "wg0");
    KeyPair keys = KeyPair.generate();
    String secret = KeyPair.presharedKey();
    String peer = KeyPair.generate().publicKey();
    host.ok("wg", "set", "wg0", "private-key", lab.file("key", keys.privateKey()).toString(), "listen-port", "51830",
        "fwmark", "0x1234", "peer", peer, "preshared-key", lab.file("psk", secret).toString(),
        "allowed-ips", "10.1.2.3/16,fd00::/8", "endpoint", "[2001:db8::5]:1234", "persistent-keepalive", "25");
    List<String> dump = host.ok("wg", "show", "wg0", "dump").lines().toList();
    assertEquals(String.join("\t", keys.privateKey(), keys.publicKey(), "51830", "0x1234"), dump.get(0));
    assertTrue(dump.get(1).startsWith(String.join("\t", peer, secret, "[2001:db8::5]:1234", "10.1.0.0/16,fd00::/8")),
        () -> "peer line of " + dump);
    assertTrue(dump.get(1).endsWith("\t25"), () -> "keepalive in " + dump);
  }

  @Test
  void aPeerIsReplacedAndRemoved(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    jwg.startReady("create", "wg0");
    String first = KeyPair.generate().publicKey();
    String second = KeyPair.generate().publicKey();
    host.ok("wg", "set", "wg0", "peer", first, "allowed-ips", "10.0.0.0/24,10.0.1.0/24");
    host.ok("wg", "set", "wg0", "peer", second, "allowed-ips", "10.0.1.0/24");
    String shown = host.ok("wg", "show", "wg0", "allowed-ips");
    assertTrue(shown.contains(first + "\t10.0.0.0/24"), shown);
    assertTrue(shown.contains(second + "\t10.0.1.0/24"), shown);
    host.ok("wg", "set", "wg0", "peer", first, "remove");
    assertEquals(second, host.ok("wg", "show", "wg0", "peers"));
  }

  @Test
  void aPortThatIsTakenIsRefusedAndTheOldOneStays(Lab lab) {
    Jwg jwg = new Jwg(lab);
    Host host = jwg.host();
    jwg.startReady("create", "wg0");
    jwg.startReady("create", "wg1");
    host.ok("wg", "set", "wg0", "listen-port", "51830");
    host.ok("wg", "set", "wg1", "listen-port", "51831");
    host.ok("ip", "link", "set", "wg0", "up");
    host.ok("ip", "link", "set", "wg1", "up");
    Result refused = host.run("wg", "set", "wg1", "listen-port", "51830");
    assertFalse(refused.succeeded());
    assertTrue(refused.output().contains("Address already in use"), refused::toString);
    assertEquals("51831", host.ok("wg", "show", "wg1", "listen-port"));
  }

  @Test
  void theTrafficAndTheHandshakeOfATunnelAreShown(Lab lab) {
    Tunnel tunnel = new Tunnel(lab, new Pair(Software.JWG, Software.JWG)).start().connect();
    for (Side side : tunnel.sides()) {
      String shown = side.host().ok("wg", "show", "wg0");
      assertTrue(shown.contains("latest handshake: ") && shown.contains("transfer: "), shown);
      assertTrue(side.latestHandshake() > 0 && side.receivedBytes() > 0, shown);
    }
  }
}
