package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.linux.Errno;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import dev.jwg.uapi.FakeDevice;
import dev.jwg.uapi.UapiClient;
import dev.jwg.uapi.UapiServer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The stock {@code wg} is the judge of our socket and of our {@code show}. */
@Timeout(600)
class ShowAgainstWgTest {
  private static final String KEY = "01".repeat(32);
  private static final PublicKey PEER = PublicKey.parseHex("c4".repeat(32));

  @TempDir private Path directory;
  private final FakeDevice wg0 = new FakeDevice();
  private final FakeDevice wg1 = new FakeDevice();
  private MultiThreadIoEventLoopGroup group;
  private UapiServer server0;
  private UapiServer server1;
  private Wg wg;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Wg.isUsable(), "needs " + Wg.PROGRAM + " and root, for a mount namespace");
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    server0 = UapiServer.open(directory, "wg0", group.next(), wg0, () -> {});
    server1 = UapiServer.open(directory, "wg1", group.next(), wg1, () -> {});
    wg = new Wg(directory);
  }

  @AfterEach
  void close() {
    if (group != null) {
      server0.close();
      server1.close();
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  private String jwgShow(String... arguments) {
    StringWriter out = new StringWriter();
    int status = new CommandLine(new Show(directory)).setOut(new PrintWriter(out)).execute(arguments);
    return status == 0 ? out.toString() : out + "exit status " + status + "\n";
  }

  private static String[] show(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "show";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }

  /** Equal before or after: the clock may have moved on between the two. */
  private void assertSameText(String... arguments) throws Exception {
    String before = jwgShow(arguments);
    String theirs = wg.run(Map.of("WG_COLOR_MODE", "never"), show(arguments));
    String after = jwgShow(arguments);
    assertEquals(theirs, theirs.equals(before) ? before : after);
  }

  /** Peers with everything, with nothing, and with each of the sizes and ages at which the text changes. */
  private void fill() throws Exception {
    Path key = Files.writeString(directory.resolve("key"), Base64.getEncoder().encodeToString(new byte[] {
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
      32
    }));
    assertEquals("", wg.run(Map.of(), "set", "wg0", "listen-port", "51820", "fwmark", "0xff", "private-key",
        "/run/wireguard/" + key.getFileName()));
    int loopback = NetworkInterface.getByName("lo").getIndex();
    List<String> endpoints = List.of("192.0.2.1:5", "[2001:db8::1]:51820", "[fe80::1%" + loopback + "]:55");
    long[] sizes = {0, 1, 1023, 1024, 1152, 1_048_575, 1_048_576, 5_000_000_000L, 1L << 40, Long.MAX_VALUE};
    long[] ages = {0, 1, 59, 60, 61, 3_600, 86_400, 90_061, 31_536_000, 100_000_000, -1_000};
    for (int i = 0; i < ages.length; i++) {
      byte[] publicKey = new byte[32];
      publicKey[0] = (byte) (i + 1);
      wg0.put(new PeerState(
          PublicKey.of(publicKey),
          i % 2 == 0 ? Optional.of(PresharedKey.parseHex(KEY)) : Optional.empty(),
          Optional.of(endpoint(endpoints.get(i % endpoints.size()))),
          i == 3 ? Optional.empty() : Optional.of(Instant.now().minusSeconds(ages[i])),
          sizes[i % sizes.length],
          sizes[(i + 1) % sizes.length],
          new int[] {0, 1, 25, 65535}[i % 4],
          i % 3 == 0 ? List.of() : List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00:" + i + "::/64"))));
    }
  }

  private static Endpoint endpoint(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
    int percent = host.indexOf('%');
    int scope = percent < 0 ? 0 : Integer.parseInt(host.substring(percent + 1));
    return new Endpoint(
        IpAddress.parse(percent < 0 ? host : host.substring(0, percent)),
        Integer.parseInt(text.substring(colon + 1)), scope, Endpoint.Source.NONE);
  }

  @Test
  void everyFormOfShowPrintsTheSameBytes() throws Exception {
    fill();
    assertSameText();
    assertSameText("all");
    assertSameText("wg0");
    assertSameText("wg1");
    assertSameText("interfaces");
    for (String field : new ShowField.Names()) {
      assertSameText("wg0", field);
      if (!field.equals("endpoints") || Wg.isSince("1.0.20250521")) { // older ones name the interface once
        assertSameText("all", field);
      }
      assertSameText("wg1", field);
    }
  }

  @Test
  void coloursAndKeysAreTheSameBytesToo() throws Exception {
    fill();
    DeviceState state = new UapiClient(directory).get("wg0");
    Instant before = Instant.now();
    String theirs = wg.run(Map.of("WG_COLOR_MODE", "always", "WG_HIDE_KEYS", "never"), "show", "wg0");
    Instant after = Instant.now();
    String ours = new ShowPretty(new Style(true), true, before).text("wg0", state);
    assertEquals(
        theirs, theirs.equals(ours) ? ours : new ShowPretty(new Style(true), true, after).text("wg0", state));
  }

  @Test
  void everythingThatWgSetsArrives() throws Exception {
    Path key = Files.writeString(directory.resolve("key"), PublicKey.parseHex(KEY).toBase64());
    String keyFile = "/run/wireguard/" + key.getFileName();
    assertEquals("", wg.run(Map.of(), "set", "wg0", "private-key", keyFile, "listen-port", "5", "fwmark", "0x10",
        "peer", PEER.toBase64(), "preshared-key", keyFile, "endpoint", "[fe80::1%lo]:55", "persistent-keepalive", "25",
        "allowed-ips", "10.0.0.0/8,fd00::/64"));
    int loopback = NetworkInterface.getByName("lo").getIndex();
    PeerState peer = new PeerState(
        PEER, Optional.of(PresharedKey.parseHex(KEY)), Optional.of(endpoint("[fe80::1%" + loopback + "]:55")),
        Optional.empty(), 0, 0, 25, List.of(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00::/64")));
    DeviceState state = wg0.state();
    assertEquals(List.of(peer), state.peers());
    assertEquals(KEY, state.privateKey().orElseThrow().toHex());
    assertEquals(List.of(5, 16), List.of(state.listenPort(), state.fwmark()));

    assertEquals("", wg.run(Map.of(), "set", "wg0", "private-key", "/dev/null", "fwmark", "off", "peer",
        PEER.toBase64(), "allowed-ips", "", "persistent-keepalive", "off"));
    assertEquals(Optional.empty(), wg0.state().privateKey());
    assertEquals(0, wg0.state().fwmark());
    assertEquals(List.of(), wg0.state().peers().get(0).allowedIps());
    assertEquals(0, wg0.state().peers().get(0).persistentKeepalive());

    assertEquals("", wg.run(Map.of(), "set", "wg0", "peer", PEER.toBase64(), "remove"));
    assertEquals(List.of(), wg0.state().peers());
  }

  @Test
  void wgUnderstandsARefusal() throws Exception {
    wg0.refuseWith(new SystemCallException("bind 5", Errno.EADDRINUSE.number()));
    assertEquals(
        "Unable to modify interface: Address already in use\nexit status 1\n",
        wg.run(Map.of(), "set", "wg0", "listen-port", "5"));
  }

  @Test
  void configurationFilesOfWgArriveWholeThroughSetconfAndComeBackThroughShowconf() throws Exception {
    String text = """
        [Interface]
        ListenPort = 7
        FwMark = 0x10
        PrivateKey = %s

        [Peer]
        PublicKey = %s
        AllowedIPs = 10.0.0.0/8, fd00::/64
        Endpoint = 192.0.2.1:5
        PersistentKeepalive = 25
        """.formatted(PublicKey.parseHex(KEY).toBase64(), PEER.toBase64());
    Files.writeString(directory.resolve("conf"), text);
    assertEquals("", wg.run(Map.of(), "setconf", "wg0", "/run/wireguard/conf"));
    assertEquals(text, wg.run(Map.of(), "showconf", "wg0"));
  }
}
