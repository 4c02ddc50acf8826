package dev.jwg.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.config.ConfigException;
import dev.jwg.config.SetArguments;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.testing.Host;
import dev.jwg.testing.World;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final String A = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  private static final String B = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
  private static final String PEER_A = "[Peer]\nPublicKey=" + A + "\n";

  private static Changes changes() throws ConfigException {
    return new Changes("wg0.conf");
  }

  private static WgConfig config(String text) throws ConfigException {
    return WgConfigParser.parse("wg0.conf", text, WgConfigParser.Dialect.WG);
  }

  private static DeviceState running(String... peers) {
    return new DeviceState(Optional.empty(), 0, 0, List.of(peers).stream().map(ChangesTest::keyed).toList());
  }

  /** A peer with a preshared key and a keepalive. */
  private static PeerState keyed(String key) {
    return new PeerState(PublicKey.parseBase64(key), Optional.of(PresharedKey.parseBase64(A)), Optional.empty(),
        Optional.empty(), 0, 0, 25, List.of());
  }

  private static void assertZeroes(DeviceUpdate update) {
    assertTrue(update.privateKey().orElseThrow().isZero());
    assertEquals(0, update.listenPort().orElseThrow());
    assertEquals(0, update.fwmark().orElseThrow());
  }

  @Test
  void setconfZeroesWhatTheFileLeavesOut() throws Exception {
    DeviceUpdate update = changes().setconf(config(PEER_A));
    assertZeroes(update);
    assertTrue(update.replacePeers());
    PeerUpdate peer = update.peers().get(0);
    assertTrue(peer.replaceAllowedIps());
    assertTrue(peer.presharedKey().isEmpty(), "the peer is new");
  }

  @Test
  void addconfLeavesAlone() throws Exception {
    DeviceUpdate update = changes().addconf(config(PEER_A));
    assertTrue(update.privateKey().isEmpty() && update.listenPort().isEmpty() && update.fwmark().isEmpty());
    assertFalse(update.replacePeers());
    assertEquals(1, update.peers().size());
  }

  @Test
  void syncconfRemovesSomeAndKeepsOthers() throws Exception {
    DeviceUpdate update = changes().syncconf(config(PEER_A), running(A, B));
    assertZeroes(update);
    assertFalse(update.replacePeers(), "sessions would end");
    assertEquals(Changes.removal(PublicKey.parseBase64(B)), update.peers().get(0));
    PeerUpdate kept = update.peers().get(1);
    assertFalse(kept.remove());
    assertTrue(kept.presharedKey().orElseThrow().isZero());
    assertEquals(0, kept.persistentKeepalive().orElseThrow());
    assertEquals(2, update.peers().size());
  }

  @Test
  void syncconfClearsNothingThatTheFileNamesEvenInALaterSection() throws Exception {
    String text = PEER_A + "PersistentKeepalive=7\n" + PEER_A + "PresharedKey=" + B + "\n";
    List<PeerUpdate> peers = changes().syncconf(config(text), running(A)).peers();
    assertEquals(7, peers.get(0).persistentKeepalive().orElseThrow());
    assertTrue(peers.get(1).persistentKeepalive().isEmpty());
    assertEquals(B, peers.get(1).presharedKey().orElseThrow().toBase64());
  }

  @Test
  void syncconfWithoutPeersRemovesThemAll() throws Exception {
    DeviceUpdate update = changes().syncconf(config(""), running(A, B));
    assertEquals(2, update.peers().stream().filter(PeerUpdate::remove).count());
  }

  /** A live session carries the next packet at once; without one a handshake begins. */
  @Test
  void syncconfKeepsTheSessionThatSetconfEnds() throws Exception {
    World world = new World(11);
    world.handshake();
    Host alice = world.alice();
    WgConfig config = config("""
        [Interface]
        PrivateKey=%s
        ListenPort=51820
        [Peer]
        PublicKey=%s
        AllowedIPs=%s
        Endpoint=%s
        """.formatted(
            alice.privateKey().toBase64(), world.bob().publicKey(), world.bob().inner(), world.bob().endpoint()));
    alice.apply(changes().syncconf(config, alice.device().state()));
    world.exchange(alice, world.bob());
    assertEquals(List.of("0 alice DATA"), world.story(world.clock().elapsed()));
    world.wire().forget();
    alice.apply(changes().setconf(config));
    world.exchange(alice, world.bob());
    assertEquals("0 alice INITIATION", world.story(world.clock().elapsed()).get(0));
  }

  @Test
  void setSaysOnlyWhatIsNamed() throws Exception {
    List<String> words = List.of("fwmark", "off", "peer", A, "endpoint", "192.0.2.1:5", "peer", B, "remove");
    DeviceUpdate update = changes().set(SetArguments.parse(words));
    assertEquals(0, update.fwmark().orElseThrow());
    assertTrue(update.listenPort().isEmpty());
    PeerUpdate first = update.peers().get(0);
    assertEquals(new Endpoint(IpAddress.parse("192.0.2.1"), 5), first.endpoint().orElseThrow());
    assertFalse(first.replaceAllowedIps());
    assertEquals(Changes.removal(PublicKey.parseBase64(B)), update.peers().get(1));
  }

  @Test
  void anEndpointThatCannotBeFoundIsAFaultOfTheFile() {
    ConfigException fault = assertThrows(
        ConfigException.class, () -> changes().setconf(config(PEER_A + "Endpoint=[fe80::1%no-such-if]:5\n")));
    assertEquals("wg0.conf: Endpoint of peer " + A
        + ": cannot resolve [fe80::1%no-such-if]:5: there is no interface no-such-if", fault.getMessage());
  }
}
