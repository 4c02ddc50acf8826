package dev.jwg.uapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.linux.Errno;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UapiServerTest {
  private static MultiThreadIoEventLoopGroup group;
  private static IoEventLoop loop;

  @TempDir private Path temporary;
  private Path directory;
  private Path socket;
  private final FakeDevice device = new FakeDevice();
  private final CountDownLatch removed = new CountDownLatch(1);
  private UapiServer server;

  @BeforeAll
  static void startLoop() {
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    loop = group.next();
  }

  @AfterAll
  static void stopLoop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void open() throws IOException {
    directory = temporary.resolve("wireguard");
    socket = directory.resolve("wg0.sock");
    server = openServer();
  }

  private UapiServer openServer() throws IOException {
    return UapiServer.open(directory, "wg0", loop, device, removed::countDown);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Reads up to the next empty line, or to the end of the connection. */
  private static String receive(SocketChannel channel) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (text.indexOf("\n\n") < 0 && channel.read(one.clear()) > 0) {
      text.append((char) one.get(0));
    }
    return text.toString();
  }

  private String exchange(String request) throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, request);
      return receive(channel);
    }
  }

  private static DeviceUpdate peers(int count, int allowedIpsEach) {
    List<PeerUpdate> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = new byte[32];
      ByteBuffer.wrap(key).putInt(i + 1);
      List<AllowedIpChange> allowedIps = new ArrayList<>();
      for (int j = 0; j < allowedIpsEach; j++) {
        allowedIps.add(new AllowedIpChange(new IpPrefix(IpAddress.v6(0xfd00L << 48 | i, j), 128), false));
      }
      peers.add(new PeerUpdate(PublicKey.of(key), false, false, Optional.empty(), Optional.empty(),
          OptionalInt.empty(), true, allowedIps));
    }
    return new DeviceUpdate(Optional.empty(), OptionalInt.of(7), OptionalInt.empty(), true, peers);
  }

  private static boolean isClosed(SocketChannel channel) {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException reset) { // what it sent last was not read
      return true;
    }
  }

  @Test
  void manyOperationsPassOverOneConnection() throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, "get=1\n\nset=1\nlisten_port=5\n\nget=1\n\n");
      assertEquals("listen_port=0\nerrno=0\n\n", receive(channel));
      assertEquals("errno=0\n\n", receive(channel));
      assertEquals("listen_port=5\nerrno=0\n\n", receive(channel));
    }
  }

  @Test
  void aRequestMayArriveByteByByte() throws IOException {
    try (SocketChannel channel = connect()) {
      for (char one : "set=1\nlisten_port=77\n\n".toCharArray()) {
        send(channel, String.valueOf(one));
      }
      assertEquals("errno=0\n\n", receive(channel));
      assertEquals(77, device.state().listenPort());
    }
  }

  @Test
  void nothingOfARefusedRequestIsApplied() throws IOException {
    assertEquals("errno=-22\n\n", exchange("set=1\nlisten_port=5\nfwmark=x\n\n"));
    assertEquals(0, device.state().listenPort());
  }

  @Test
  void aConnectionStaysInStepAfterARefusal() throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, "set=1\nbogus=5\nlisten_port=1\nnonsense\n\nget=1\n\n");
      assertEquals("errno=-22\n\n", receive(channel));
      assertEquals("listen_port=0\nerrno=0\n\n", receive(channel));
    }
  }

  @Test
  void theReasonOfAFailedSystemCallIsPassedOn() throws IOException {
    device.refuseWith(new SystemCallException("bind 5", Errno.EADDRINUSE.number()));
    assertEquals("errno=-98\n\n", exchange("set=1\nlisten_port=5\n\n"));
    device.refuseWith(new IOException("no reason"));
    assertEquals("errno=-5\n\n", exchange("set=1\nlisten_port=5\n\n"));
  }

  @Test
  void whatIsNotTheProtocolIsAnsweredOnceAndHungUpOn() throws IOException {
    for (String hostile : List.of("hello\n", "\n", "\0\n", "x".repeat(100_000), "get=1\n" + "y".repeat(300))) {
      try (SocketChannel channel = connect()) {
        send(channel, hostile);
        assertTrue(receive(channel).matches("errno=-(71|22)\n\n"), hostile);
        assertTrue(isClosed(channel));
      }
    }
  }

  @Test
  void aClientThatHasSentAllMayStillReadItsReplies() throws IOException {
    device.apply(peers(10, 5));
    try (SocketChannel channel = connect()) {
      send(channel, "get=1\n\nget=1\n\n");
      channel.shutdownOutput();
      String all = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
      assertEquals(2, all.split("errno=0\n\n", -1).length - 1);
    }
  }

  @Test
  void anEndlessRequestIsCutOff() throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, "set=1\n");
      String line = "bogus=" + "x".repeat(200) + "\n";
      String block = line.repeat(1000);
      assertThrows(IOException.class, () -> {
        for (long sent = 0; sent < 4L * UapiConnection.MAX_REQUEST; sent += block.length()) {
          send(channel, block);
        }
      });
    }
    assertEquals("listen_port=0\nerrno=0\n\n", exchange("get=1\n\n"));
  }

  @Test
  void fiveHundredClientsAreAnsweredAtOnce() throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        clients.add(connect());
        send(clients.get(i), "get=1");
      }
      for (SocketChannel client : clients) {
        send(client, "\n\n");
      }
      for (SocketChannel client : clients) {
        assertEquals("listen_port=0\nerrno=0\n\n", receive(client));
      }
    } finally {
      closeAll(clients);
    }
  }

  @Test
  void theLongestIdleOfTooManyClientsIsClosed() throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    try {
      for (int i = 0; i < UapiConnections.MAX_CONNECTIONS; i++) {
        clients.add(connect());
      }
      SocketChannel oldest = clients.get(0);
      send(oldest, "get=1\n\n");
      assertFalse(receive(oldest).isEmpty());
      clients.add(connect());
      assertEquals("", receive(clients.get(1)), "now the second was idle for longest");
      send(oldest, "get=1\n\n");
      assertFalse(receive(oldest).isEmpty());
    } finally {
      closeAll(clients);
    }
  }

  private static void closeAll(List<SocketChannel> clients) throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  @Test
  void tenThousandPeersPassBothWays() {
    DeviceUpdate update = peers(10_000, 10);
    UapiClient client = new UapiClient(directory);
    assertTimeoutPreemptively(Duration.ofMinutes(5), () -> {
      client.set("wg0", update);
      assertEquals(device.state(), client.get("wg0"));
    });
    assertEquals(10_000, device.state().peers().size());
  }

  @Test
  void aClientThatDoesNotReadBlocksNobodyAndGetsItsReplyLater() throws IOException {
    device.apply(peers(10_000, 10));
    try (SocketChannel slow = connect()) {
      send(slow, "get=1\n\nset=1\nlisten_port=99\n\n");
      assertEquals("errno=0\n\n", exchange("set=1\nfwmark=5\n\n"));
      assertEquals(7, device.state().listenPort(), "its second request waits for the reader of the first reply");
      String end = UapiText.peer(last()) + "errno=0\n\nerrno=0\n\n";
      assertEquals(end, receiveTo(slow, end));
      assertEquals(99, device.state().listenPort());
    }
  }

  /** Reads until what was read ends in {@code end}, or to the end of the connection; the last characters of it. */
  private static String receiveTo(SocketChannel channel, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    while (!tail(text, end.length()).equals(end) && channel.read(bytes.clear()) > 0) {
      text.append(StandardCharsets.US_ASCII.decode(bytes.flip()));
    }
    return tail(text, end.length());
  }

  private static String tail(StringBuilder text, int length) {
    return text.substring(Math.max(0, text.length() - length));
  }

  private PeerState last() {
    List<PeerState> peers = device.state().peers();
    return peers.get(peers.size() - 1);
  }

  @Test
  void theSocketIsOpenToItsOwnerOnly() throws IOException {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    try (var files = Files.list(directory)) {
      assertEquals(List.of(socket), files.toList(), "nothing else is left there");
    }
  }

  @Test
  void aSecondServerFailsAndTheFirstStaysReachable() throws IOException {
    IOException refusal = assertThrows(IOException.class, this::openServer);
    assertEquals("wg0: already in use: another program answers on " + socket, refusal.getMessage());
    assertEquals("listen_port=0\nerrno=0\n\n", exchange("get=1\n\n"));
    try (var files = Files.list(directory)) {
      assertEquals(List.of(socket), files.toList());
    }
  }

  @Test
  void aSocketFileThatNobodyAnswersOnIsReplaced() throws IOException {
    server.close();
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertTrue(Files.exists(socket));
    server = openServer();
    assertEquals("listen_port=0\nerrno=0\n\n", exchange("get=1\n\n"));
  }

  @Test
  void anOrdinaryFileInTheWayIsLeftAlone() throws IOException {
    server.close();
    Files.writeString(socket, "precious");
    IOException refusal = assertThrows(IOException.class, this::openServer);
    assertEquals("wg0: cannot make the UAPI socket: " + socket + " is not a socket: remove it", refusal.getMessage());
    assertEquals("precious", Files.readString(socket));
  }

  @Test
  void removingTheSocketFileIsNoticed() throws Exception {
    Files.delete(socket);
    assertTrue(removed.await(60, TimeUnit.SECONDS));
  }

  @Test
  void anotherFileInThePlaceOfOursIsNoticedAndLeftThere() throws Exception {
    Path other = temporary.resolve("other");
    try (ServerSocketChannel successor = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      successor.bind(UnixDomainSocketAddress.of(other));
      Files.move(other, socket, StandardCopyOption.ATOMIC_MOVE);
      assertTrue(removed.await(60, TimeUnit.SECONDS));
      server.close();
      assertTrue(Files.exists(socket), "it belongs to somebody else");
    }
  }

  @Test
  void renamingMovesTheFileKeepsConnectionsAndIsNoRemoval() throws IOException {
    Path renamed = directory.resolve("wg1.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(renamed));
    }
    try (SocketChannel client = connect()) {
      for (int round = 0; round < 20; round++) {
        server.rename("wg1");
        server.rename("wg1");
        server.rename("wg0");
      }
      server.rename("wg1");
      send(client, "get=1\n\n");
      assertEquals("listen_port=0\nerrno=0\n\n", receive(client));
    }
    assertFalse(Files.exists(socket), "the old name is free");
    socket = renamed;
    assertEquals("listen_port=0\nerrno=0\n\n", exchange("get=1\n\n"));
    loop.submit(() -> {}).syncUninterruptibly();
    assertEquals(1, removed.getCount());
  }

  @Test
  void renamedSocketFileIsRemovedByTheCloseAndItsRemovalIsNoticed() throws Exception {
    server.rename("wg1");
    server.close();
    try (var files = Files.list(directory)) {
      assertEquals(List.of(), files.toList());
    }
    server = openServer();
    server.rename("wg1");
    Files.delete(directory.resolve("wg1.sock"));
    assertTrue(removed.await(60, TimeUnit.SECONDS));
  }

  @Test
  void nameOnWhichAnotherProgramAnswersIsNotTaken() throws IOException {
    Path other = directory.resolve("wg1.sock");
    try (ServerSocketChannel program = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      program.bind(UnixDomainSocketAddress.of(other));
      IOException refusal = assertThrows(IOException.class, () -> server.rename("wg1"));
      assertEquals("wg1: already in use: another program answers on " + other, refusal.getMessage());
      assertEquals("listen_port=0\nerrno=0\n\n", exchange("get=1\n\n"));
    }
  }

  @Test
  void closingRemovesTheFileHangsUpAndIsNoRemoval() throws IOException {
    try (SocketChannel client = connect()) {
      send(client, "get=1\n\n");
      receive(client);
      server.close();
      assertFalse(Files.exists(socket));
      assertEquals("", receive(client));
      loop.submit(() -> {}).syncUninterruptibly();
      assertEquals(1, removed.getCount());
    }
  }
}
