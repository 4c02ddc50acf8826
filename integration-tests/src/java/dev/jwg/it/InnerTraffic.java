package dev.jwg.it;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * A program for either end of what a tunnel carries: one echoes all that it is sent over TCP and UDP, the other sends and
 * compares. Both hand the kernel many datagrams at once, or one by one.
 */
final class InnerTraffic {
  /** Inner packets are at most so long. */
  static final int MTU = 1420;

  private static final int PORT = 5202;
  private static final int PATIENCE = 8;
  private static final int LOSSY_ATTEMPTS = 4;
  private static final int STREAM_BYTES = 8 << 20;
  private static final int EXTENDED_STREAM_BYTES = 2 << 20;

  /** UDP_MAX_SEGMENTS of linux/udp.h before Linux 6.10. */
  private static final int MAX_SEGMENTS = 64;

  private static final int MAX_MESSAGE = 65_507;
  private static final int ECN = 3;
  private static final int CE = 3;

  private final InetAddress peer;
  private final boolean isV6;
  private final boolean isLossy;
  private int marked;

  private InnerTraffic(InetAddress peer, boolean isLossy) {
    this.peer = peer;
    this.isLossy = isLossy;
    isV6 = peer.getAddress().length == 16;
  }

  /**
   * Takes {@code serve}, or {@code exchange ADDRESS...}, which prints a line for each address; each datagram has to come
   * back, but for {@code exchange-lossily}.
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      serve();
    }
    for (String address : List.of(args).subList(1, args.length)) {
      InnerTraffic traffic = new InnerTraffic(InetAddress.getByName(address), args[0].equals("exchange-lossily"));
      traffic.exchange();
      System.out.println("all came back from " + address + ", " + traffic.marked + " marked");
    }
  }

  private static void serve() throws IOException {
    for (boolean v6 : new boolean[] {false, true}) {
      NativeSocket socket = NativeSocket.udp(v6).takingMany().bind(PORT);
      inBackground(() -> echo(socket));
    }
    try (ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress("::", PORT));
      System.out.println("listening");
      while (true) {
        Socket socket = server.accept();
        inBackground(() -> echo(socket));
      }
    }
  }

  private static void echo(NativeSocket socket) {
    byte[] bytes = new byte[65_536];
    while (true) {
      int length = socket.receive(bytes);
      int segment = socket.segment();
      socket.reply(bytes, length, length > segment ? segment : 0, socket.tos());
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void inBackground(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
  }

  private void exchange() throws Exception {
    stream(NativeSocket.tcp(isV6), STREAM_BYTES);
    datagrams(NativeSocket.udp(isV6), MTU - (isV6 ? 48 : 28));
    if (isV6) {
      stream(NativeSocket.tcp(true).withExtensionHeader(), EXTENDED_STREAM_BYTES);
      datagrams(NativeSocket.udp(true).withExtensionHeader(), MTU - 56);
    }
  }

  /** Writes of all sizes, each pushed at once, while what was written before comes back. */
  private void stream(NativeSocket unconnected, int bytes) throws Exception {
    try (NativeSocket socket = unconnected.waitingAtMost(PATIENCE).connect(peer, PORT)) {
      byte[] sent = random(bytes, 1);
      CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
        Random sizes = new Random(2);
        for (int at = 0; at < bytes; ) {
          int length = Math.min(bytes - at, 1 + sizes.nextInt(sizes.nextInt(20) == 0 ? 1000 : 100_000));
          socket.write(sent, at, length);
          at += length;
        }
        socket.endOutput();
      });
      String back = digestOfAll(socket);
      end.join();
      expect(sha256(sent), back, "the stream's SHA-256");
    }
  }

  private static String digestOfAll(NativeSocket socket) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[1 << 18];
    for (int length = socket.read(buffer); length > 0; length = socket.read(buffer)) {
      digest.update(buffer, 0, length);
    }
    return hex(digest.digest());
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** Runs around the sizes at which something changes: longer ones than {@code whole} go in fragments. */
  private void datagrams(NativeSocket unconnected, int whole) {
    try (NativeSocket socket = unconnected.waitingAtMost(PATIENCE).connect(peer, PORT)) {
      for (int size : new int[] {1, 2, 3, 17, 63, 64, 100, 512, 1000, 1201, whole - 1, whole}) {
        roundTrip(socket, seed -> Run.oneByOne(size, 40, size % 4, seed));
        roundTrip(socket, seed -> Run.together(size, 40, size % 4, seed));
      }
      for (int size : new int[] {whole + 1, whole + 8, whole + 9, 8192, MAX_MESSAGE - 8}) {
        roundTrip(socket, seed -> Run.oneByOne(size, Math.min(4, MAX_MESSAGE / size), size % 4, seed));
      }
      Random random = new Random(3);
      for (int i = 0; i < 10; i++) {
        int size = 1 + random.nextInt(whole);
        int count = 1 + random.nextInt(100);
        int tos = random.nextInt(256);
        roundTrip(socket, seed -> Run.together(size, count, tos, seed));
        int mixture = i;
        roundTrip(socket, seed -> Run.mixed(whole, 100 * mixture + seed));
      }
    }
  }

  /**
   * What is sent in one go.
   *
   * @param messages what the kernel is handed at a time
   * @param size of the datagrams that it is to make of longer ones; 0 if it makes none
   * @param datagrams what is to come back
   */
  private record Run(String name, List<byte[]> messages, int size, List<byte[]> datagrams, int tos) {
    /** Datagrams of one size, of which the last is shorter. */
    static Run oneByOne(int size, int count, int tos, int seed) {
      List<byte[]> datagrams = cut(random(size * count - size / 2, seed), size);
      String name = "%d datagrams of %d bytes, TOS %d, seed %d".formatted(count, size, tos, seed);
      return new Run(name, datagrams, 0, datagrams, tos);
    }

    /** The same, by as few calls as can be. */
    static Run together(int size, int count, int tos, int seed) {
      byte[] bytes = random(size * count - size / 2, seed);
      int most = Math.min(MAX_SEGMENTS, MAX_MESSAGE / size) * size;
      String name = "%d datagrams of %d bytes together, TOS %d, seed %d".formatted(count, size, tos, seed);
      return new Run(name, cut(bytes, most), size, cut(bytes, size), tos);
    }

    static Run mixed(int longest, int seed) {
      Random random = new Random(seed);
      List<byte[]> datagrams = new ArrayList<>();
      int size = 1;
      for (int i = 0; i < 60; i++) {
        size = random.nextInt(3) == 0 ? 1 + random.nextInt(longest) : size;
        datagrams.add(random(size, random.nextInt()));
      }
      return new Run("datagrams of up to %d bytes, seed %d".formatted(longest, seed), datagrams, 0, datagrams, 1);
    }
  }

  /** Sends a run and waits for what comes back; where datagrams may be lost, runs of other bytes until all do. */
  private void roundTrip(NativeSocket socket, IntFunction<Run> runs) {
    for (int seed = 0; seed < (isLossy ? LOSSY_ATTEMPTS : 1); seed++) {
      Run run = runs.apply(seed);
      for (byte[] message : run.messages) {
        socket.send(message, message.length > run.size ? run.size : 0, run.tos);
      }
      List<byte[]> back = receive(socket, run);
      if (back.size() == run.datagrams.size()) {
        for (int i = 0; i < back.size(); i++) {
          expect(hex(run.datagrams.get(i)), hex(back.get(i)), run.name + ", number " + i);
        }
        return;
      }
      System.out.println("only " + back.size() + " came back: " + run.name);
    }
    throw new AssertionError("lost");
  }

  private static List<byte[]> cut(byte[] bytes, int size) {
    List<byte[]> parts = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      parts.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
    }
    return parts;
  }

  /** As many as were sent, or those that came until none came any more. */
  private List<byte[]> receive(NativeSocket socket, Run run) {
    List<byte[]> back = new ArrayList<>();
    byte[] buffer = new byte[65_536];
    try {
      while (back.size() < run.datagrams.size()) {
        back.add(Arrays.copyOf(buffer, socket.receive(buffer)));
        checkTos(socket.tos(), run);
      }
    } catch (LastErrorException e) {
      System.out.println(e.getMessage());
    }
    return back;
  }

  private void checkTos(int came, Run run) {
    if (came != run.tos) {
      int markedTos = (run.tos & ECN) != 0 ? run.tos | CE : run.tos;
      expect(hex((byte) markedTos), hex((byte) came), "TOS of " + run.name);
      marked++;
    }
  }

  private static String hex(byte... bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void expect(String sent, String came, String what) {
    if (!sent.equals(came)) {
      throw new AssertionError(what + ": sent " + sent + ", came back " + came);
    }
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
