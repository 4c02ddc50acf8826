package dev.jwg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.uapi.FakeDevice;
import dev.jwg.uapi.UapiServer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The stock {@code wg} and our commands do the same to equal interfaces, and print the same. */
@Timeout(600)
class ConfAgainstWgTest {
  private static final String A = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  private static final String B = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
  private static final String C = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";

  /** An interface before the command: everything set, two peers. */
  private static final String BEFORE = """
      [Interface]
      ListenPort = 51820
      FwMark = 0xca6c
      PrivateKey = %s

      [Peer]
      PublicKey = %s
      AllowedIPs = 10.0.0.0/8, fd00::/64
      Endpoint = 192.0.2.1:5

      [Peer]
      PublicKey = %s
      AllowedIPs = 0.0.0.0/0, ::/0
      Endpoint = [fe80::1%%lo]:5
      """.formatted(A, B, C);

  /** One end of the comparison. */
  private final class Side {
    private final Path sockets;
    private final FakeDevice device = new FakeDevice();
    private final UapiServer server;

    Side(String name) throws IOException {
      sockets = Files.createDirectory(directory.resolve(name));
      server = UapiServer.open(sockets, "wg0", group.next(), device, () -> {});
    }
  }

  @TempDir private Path directory;
  private MultiThreadIoEventLoopGroup group;
  private Side theirs;
  private Side ours;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(Wg.isUsable(), "needs " + Wg.PROGRAM + " and root, for a mount namespace");
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    theirs = new Side("theirs");
    ours = new Side("ours");
  }

  @AfterEach
  void close() {
    if (group != null) {
      theirs.server.close();
      ours.server.close();
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  private String file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "file", ""), text).toString();
  }

  private static Callable<Integer> command(String name, Path sockets) {
    return switch (name) {
      case "showconf" -> new ShowConf(sockets);
      case "set" -> new Set(sockets);
      case "setconf" -> new SetConf(sockets);
      case "addconf" -> new AddConf(sockets);
      case "syncconf" -> new SyncConf(sockets);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** What our command prints, and the exit status if it fails; errors are ours to word. */
  private String jwg(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = new CommandLine(command(arguments[0], ours.sockets))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .setParameterExceptionHandler((invalid, given) -> Failure.usage(invalid))
        .setExecutionExceptionHandler((failed, command, result) -> Failure.execution(failed, command))
        .execute(List.of(arguments).subList(1, arguments.length).toArray(new String[0]));
    assertEquals(status != 0, err.toString().startsWith("jwg: "), err.toString());
    return out + (status == 0 ? "" : "exit status " + status + "\n");
  }

  private void reset() throws Exception {
    String before = file(BEFORE);
    for (Side side : List.of(theirs, ours)) {
      assertEquals("", new Wg(side.sockets).run(Map.of(), "setconf", "wg0", before));
    }
  }

  private void assertSameState(String what) {
    assertEquals(theirs.device.state(), ours.device.state(), what);
  }

  @Test
  void whatStripPrintsIsTakenByWg() throws Exception {
    Files.writeString(directory.resolve("key"), A + "\n");
    String peer = "[Peer]\nPublicKey = " + B + "\n";
    for (String text : List.of(
        "",
        "[Interface]\n",
        "[Interface]\nPrivateKeyFile = key\n" + peer + "PresharedKeyFile = key\n",
        "[INTERFACE] # mine\nAddress = 10.0.0.1/24\nMTU =\nPostUp = true # [Peer]\nTable=off\nfwmark = OFF\n",
        peer + "AllowedIPs =\n",
        peer + "AllowedIPs = # none\nAllowedIPs = 10.0.0.0/8\nallowedips =\t\r\n",
        peer + "AllowedIPs = 10.0.0.0/8, fd00::/64\r\nPersistentKeepalive = off\r\n",
        peer + "AllowedIPs = +10.0.0.0/8, -10.1.0.0/16\n [ Interface ]\nListen Port = 00051\n",
        peer + "Endpoint = 192.0.2.1:domain\nEndpoint = [fe80::1%lo]:5\n[Interface]\nDNS =\nPreUp =\n")) {
      reset();
      Path file = Files.writeString(directory.resolve("wg0.conf"), text);
      StringWriter out = new StringWriter();
      assertEquals(0, new CommandLine(new Strip()).setOut(new PrintWriter(out)).execute(file.toString()), text);
      assertEquals("", new Wg(theirs.sockets).run(Map.of(), "setconf", "wg0", file(out.toString())), text);
    }
  }

  /** Both succeed, and print and do the same to the interface. */
  private void assertSame(String... arguments) throws Exception {
    reset();
    String what = String.join(" ", arguments);
    assertEquals(new Wg(theirs.sockets).run(Map.of(), arguments), jwg(arguments), what);
    assertSameState(what);
  }

  /** Both fail and leave the interface as it was. */
  private void assertBothRefuse(String... arguments) throws Exception {
    reset();
    String what = String.join(" ", arguments);
    String refusal = new Wg(theirs.sockets).run(Map.of(), arguments);
    assertTrue(refusal.endsWith("\nexit status 1\n"), what + ": " + refusal);
    assertEquals("exit status 1\n", jwg(arguments), what);
    assertSameState(what);
  }

  private static String[] set(String... words) {
    List<String> all = new ArrayList<>(List.of("set", "wg0"));
    all.addAll(List.of(words));
    return all.toArray(new String[0]);
  }

  @Test
  void showconfPrintsTheSameBytes() throws Exception {
    assertSame("showconf", "wg0");
    assertTrue(jwg("showconf", "wg0").contains("[fe80::1%lo]:5"));
    assertEquals("", jwg(set("peer", B, "persistent-keepalive", "25", "preshared-key", file(A), "allowed-ips", "")));
    assertEquals("", new Wg(theirs.sockets).run(Map.of(), set("peer", B, "persistent-keepalive", "25", "preshared-key",
        file(A), "allowed-ips", "")));
    assertEquals(new Wg(theirs.sockets).run(Map.of(), "showconf", "wg0"), jwg("showconf", "wg0"));
    assertEquals("", jwg("setconf", "wg0", file("")));
    assertEquals(new Wg(ours.sockets).run(Map.of(), "showconf", "wg0"), jwg("showconf", "wg0"), "empty");
    assertBothRefuse("showconf");
    assertBothRefuse("showconf", "wg9");
    assertBothRefuse("showconf", "wg0", "wg0");
  }

  /** Files that mean something else to each of the three commands. */
  private static List<String> files() {
    return List.of(
        "",
        "[Interface]\n",
        "[Interface]\nListenPort = 7\n",
        "[Interface]\nFwMark = 0x10\nPrivateKey = " + B + "\n",
        "[Peer]\nPublicKey = " + B + "\n",
        "[Peer]\nPublicKey = " + A + "\nAllowedIPs = 10.1.0.0/16\nEndpoint = [2001:db8::1]:7\n",
        "[Peer]\nPublicKey = " + B + "\nPresharedKey = " + A + "\nPersistentKeepalive = 25\n",
        "[Peer]\nPublicKey=" + B + "\nAllowedIPs=1.2.3.4\nAllowedIPs=::1\n",
        "[Peer]\nPublicKey=" + B + "\nAllowedIPs=1.2.3.4\n[Peer]\nPublicKey=" + B + "\nAllowedIPs=1.2.3.5\n");
  }

  private void assertSameForFiles(String command) throws Exception {
    for (String text : files()) {
      assertSame(command, "wg0", file(text));
    }
    assertBothRefuse(command, "wg0", file("[Peer]\nPublicKey=" + B + "\nFwMark=1\n"));
    assertBothRefuse(command, "wg0", file("[Interface]\nAddress = 10.0.0.1/24\n"));
    assertBothRefuse(command, "wg0", file("[Peer]\n"));
    assertBothRefuse(command, "wg0", directory.resolve("missing").toString());
    assertBothRefuse(command, "wg9", file(""));
    assertBothRefuse(command, "wg0");
    assertBothRefuse(command, "wg0", file(""), file(""));
  }

  @Test
  void setconfMakesTheSameOfFiles() throws Exception {
    assertSameForFiles("setconf");
  }

  @Test
  void addconfMakesTheSameOfFiles() throws Exception {
    assertSameForFiles("addconf");
  }

  @Test
  void syncconfMakesTheSameOfFiles() throws Exception {
    assertSameForFiles("syncconf");
  }

  @Test
  void setMakesTheSameOfWords() throws Exception {
    String key = file(A + "\n \t\n");
    assertSame(set("listen-port", "7"));
    assertSame(set("listen-port", "ntp", "fwmark", "0x10", "listen-port", "0"));
    for (String mark : List.of("0", "off", "OFF", "0x0", "4294967295", "0xffffffff")) {
      assertSame(set("fwmark", mark));
    }
    for (String file : List.of(key, file(A), file(""), "/dev/null")) {
      assertSame(set("private-key", file));
      assertSame(set("peer", C, "preshared-key", file));
    }
    assertSame(set("peer", A));
    assertSame(set("peer", B, "remove"));
    assertSame(set("peer", B, "remove", "endpoint", "1.2.3.4:5", "peer", C, "remove", "peer", A, "remove"));
    assertSame(set("peer", B, "remove", "peer", B, "allowed-ips", "1.2.3.4"));
    assertSame(set("peer", A, "endpoint", "[2001:db8::1]:51820", "persistent-keepalive", "65535", "preshared-key", key));
    assertSame(set("peer", B, "endpoint", "[fe80::2%lo]:5"));
    assertSame(set("peer", B, "endpoint", "localhost:5"));
    assertSame(set("peer", B, "persistent-keepalive", "off"));
    assertSame(set("peer", B, "persistent-keepalive", "0"));
    for (String allowed : List.of("", " ", "1.2.3.4", "10.0.0.0/8, 11.0.0.0/8", "0.0.0.0/0,::/0")) {
      assertSame(set("peer", B, "allowed-ips", allowed));
    }
    assertSame(set("peer", B, "allowed-ips", "1.2.3.4", "allowed-ips", "1.2.3.5"));
  }

  @Test
  void setRefusesTheSameWords() throws Exception {
    assertBothRefuse("set");
    assertBothRefuse("set", "wg0");
    assertBothRefuse("set", "wg9", "listen-port", "5");
    for (String[] words : new String[][] {
      {"bogus"}, {"listen-port"}, {"LISTEN-PORT", "5"}, {"listen-port", ""}, {"listen-port", "off"}, {"fwmark", "-1"},
      {"fwmark", "0x100000000"}, {"fwmark", ""}, {"fwmark", "1 0"}, {"fwmark", "0XFF"}, {"remove"}, {"peer"},
      {"private-key", A}, {"private-key", file("\n")}, {"private-key", file(" " + A)}, {"private-key", file(A + "\nx")},
      {"private-key", file(A.substring(1))}, {"private-key", "/"}, {"persistent-keepalive", "5"},
      {"peer", "xx"}, {"peer", A + " "}, {"peer", A, "listen-port", "5"}, {"peer", A, "endpoint"},
      {"peer", A, "endpoint", "1.2.3.4"}, {"peer", A, "endpoint", "1.2.3.4 :5"}, {"peer", A, "endpoint", "x.invalid:5"},
      {"peer", A, "allowed-ips", "10.0.0.0/33"}, {"peer", A, "allowed-ips", "10.0.0.0/8,"},
      {"peer", A, "persistent-keepalive", "65536"}, {"peer", A, "persistent-keepalive", " 5"},
      {"listen-port", "5", "peer", A, "allowed-ips", "x"}
    }) {
      assertBothRefuse(set(words));
    }
  }

  /** Known to wireguard-tools 1.0.20250521 and later. */
  @Test
  void signedAllowedIpsAddAndRemove() throws Exception {
    for (String[] change : new String[][] {
      {"+1.2.3.4", "10.0.0.0/8, fd00::/64, 1.2.3.4/32"},
      {"-10.0.0.0/8", "fd00::/64"},
      {"-10.0.0.0/8,+11.0.0.0/8,12.0.0.0/8", "fd00::/64, 11.0.0.0/8, 12.0.0.0/8"},
      {"-9.0.0.0/8", "10.0.0.0/8, fd00::/64"}
    }) {
      assertAllowedAfter(change[1], set("peer", B, "allowed-ips", change[0]));
      String conf = file("[Peer]\nPublicKey = " + B + "\nAllowedIPs = " + change[0] + "\n");
      assertAllowedAfter(change[1], "addconf", "wg0", conf);
      assertAllowedAfter(change[1], "syncconf", "wg0", conf);
    }
    assertAllowedAfter("1.2.3.4/32, 1.2.3.5/32", set("peer", B, "allowed-ips", "+1.2.3.4", "allowed-ips", "1.2.3.5"));
    assertAllowedAfter("10.0.0.0/8, fd00::/64, 1.2.3.4/32, 1.2.3.5/32",
        set("peer", B, "allowed-ips", "1.2.3.4", "allowed-ips", "+1.2.3.5"));
  }

  private void assertAllowedAfter(String expected, String... arguments) throws Exception {
    reset();
    assertEquals("", jwg(arguments));
    String shown = jwg("showconf", "wg0");
    assertTrue(shown.contains(B + "\nAllowedIPs = " + expected + "\n"), String.join(" ", arguments) + ": " + shown);
    if (Wg.isSince("1.0.20250521")) {
      assertSame(arguments);
    }
  }

  /** Known to wireguard-tools 1.0.20260223 and later. */
  @Test
  void syncconfClearsWhatTheFileNoLongerNames() throws Exception {
    reset();
    String[] more = set("peer", B, "preshared-key", file(A), "persistent-keepalive", "25", "peer", A);
    assertEquals("", jwg(more));
    assertEquals("", new Wg(theirs.sockets).run(Map.of(), more));
    String before = file(BEFORE);
    assertEquals("", jwg("syncconf", "wg0", before));
    assertEquals(BEFORE, jwg("showconf", "wg0"));
    if (Wg.isSince("1.0.20260223")) {
      assertEquals("", new Wg(theirs.sockets).run(Map.of(), "syncconf", "wg0", before));
      assertSameState("syncconf");
    }
  }
}
