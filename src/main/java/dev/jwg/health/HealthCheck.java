package dev.jwg.health;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks a running endpoint, by its UAPI socket, whether it is ready.
 *
 * @param directory of the sockets
 * @param interfaceName empty for the only one there is
 * @param peer the public key, in base64, of the peer that must have answered; empty for none
 */
public record HealthCheck(Path directory, Optional<String> interfaceName, Optional<String> peer) {
  private static final String SOCKET_SUFFIX = ".sock";
  private static final String PEER_OPTION = "--peer";
  private static final String NO_KEY = "private_key=" + "0".repeat(64);
  private static final int KEY_LENGTH = 32;
  private static final long ANSWER_SECONDS = 5;

  /** The check that the arguments behind the command's name ask for; none if they are others than the plainest. */
  public static Optional<HealthCheck> of(Path directory, List<String> arguments) {
    Optional<String> name = Optional.empty();
    Optional<String> peer = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals(PEER_OPTION) && i + 1 < arguments.size() && peer.isEmpty()) {
        peer = Optional.of(arguments.get(++i));
      } else if (!argument.startsWith("-") && name.isEmpty()) {
        name = Optional.of(argument);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new HealthCheck(directory, name, peer));
  }

  /**
   * Returns if the endpoint is ready.
   *
   * @throws IOException it is not, or cannot be asked; the message says why
   */
  public void run() throws IOException {
    String name = interfaceName.isPresent() ? interfaceName.get() : onlyOne();
    Optional<String> peerHex = peer.isPresent() ? Optional.of(hex(peer.get())) : Optional.empty();
    String state = inTime(() -> ask(name, peerHex));
    if (!state.equals(Readiness.READY)) {
      throw new IOException(name + " is not ready: " + state);
    }
  }

  private static String hex(String key) throws IOException {
    try {
      byte[] bytes = Base64.getDecoder().decode(key);
      if (bytes.length == KEY_LENGTH) {
        return HexFormat.of().formatHex(bytes);
      }
    } catch (IllegalArgumentException notBase64) {
      // As any other string that is no key.
    }
    throw new IOException("not a public key: " + key);
  }

  private String onlyOne() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*" + SOCKET_SUFFIX)) {
      for (Path socket : sockets) {
        String file = socket.getFileName().toString();
        names.add(file.substring(0, file.length() - SOCKET_SUFFIX.length()));
      }
    } catch (NoSuchFileException none) {
      throw new IOException("no interface is up", none);
    }
    if (names.size() != 1) {
      throw new IOException(names.isEmpty() ? "no interface is up" : "name one of several interfaces: " + names);
    }
    return names.get(0);
  }

  private interface Question {
    String ask() throws IOException;
  }

  /** A socket of this kind has no time limit of its own, and an endpoint that hangs must not hang who asks. */
  private static String inTime(Question question) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread asking =
        new Thread(
            () -> {
              try {
                answer.complete(question.ask());
              } catch (IOException e) {
                answer.complete("it cannot be asked: " + e.getMessage());
              }
            });
    asking.setDaemon(true);
    asking.start();
    return answer.completeOnTimeout("it does not answer", ANSWER_SECONDS, TimeUnit.SECONDS).join();
  }

  private String ask(String name, Optional<String> peerHex) throws IOException {
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.connect(UnixDomainSocketAddress.of(directory.resolve(name + SOCKET_SUFFIX)));
      socket.write(ByteBuffer.wrap("get=1\n\n".getBytes(StandardCharsets.US_ASCII)));
      return judge(name, peerHex, new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8)));
    }
  }

  private String judge(String name, Optional<String> peerHex, BufferedReader answer) throws IOException {
    boolean isStarting = false;
    boolean isWithoutPort = false;
    boolean hasKey = false;
    boolean inPeer = false;
    String peerState = peerHex.isPresent() ? Readiness.ofUnknownPeer(peer.orElseThrow()) : Readiness.READY;
    for (String line = answer.readLine(); line != null && !line.isEmpty(); line = answer.readLine()) {
      if (line.startsWith("private_key=")) {
        hasKey = !line.equals(NO_KEY);
      } else if (line.equals("starting=1")) {
        isStarting = true;
      } else if (line.equals("without_port=1")) {
        isWithoutPort = true;
      } else if (line.startsWith("public_key=")) {
        inPeer = peerHex.isPresent() && line.endsWith(peerHex.get());
      } else if (inPeer && line.startsWith("last_handshake_time_sec=")) {
        long last = Long.parseLong(line.substring(line.indexOf('=') + 1));
        peerState = Readiness.ofPeer(peer.orElseThrow(), last, System.currentTimeMillis() / 1000);
      }
    }
    String own = Readiness.ofInterface(isStarting, !isWithoutPort && isUp(name), hasKey);
    return own.equals(Readiness.READY) ? peerState : own;
  }

  private static boolean isUp(String name) throws IOException {
    NetworkInterface device = NetworkInterface.getByName(name);
    return device != null && device.isUp();
  }
}
