package dev.jwg.uapi;

import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.linux.Errno;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A blocking client of the UAPI sockets in a directory, for commands; any implementation may answer. Its exceptions are
 * one line for a person: {@code wg0: what: what to do}.
 */
public final class UapiClient {
  private static final String SUFFIX = ".sock";

  private final Path directory;

  /** A client of the sockets in {@code directory}, usually {@code /var/run/wireguard}. */
  public UapiClient(Path directory) {
    this.directory = directory;
  }

  /** Asks for everything about an interface. */
  public DeviceState get(String name) throws IOException {
    UapiReplyParser reply = exchange(name, UapiText.GET_REQUEST);
    if (reply.errno() != 0) {
      throw new IOException(name + ": cannot be shown: " + Errno.nameOf(reply.errno()));
    }
    return reply.state();
  }

  /** Changes an interface. */
  public void set(String name, DeviceUpdate update) throws IOException {
    UapiReplyParser reply = exchange(name, UapiText.setRequest(update));
    if (reply.errno() != 0) {
      throw new IOException(name + ": the change was refused: " + Errno.nameOf(reply.errno()));
    }
  }

  /** The interfaces that a program answers for, in the order of the directory, as {@code wg} lists them. */
  public List<String> interfaces() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path socket : sockets) {
        String file = socket.getFileName().toString();
        String name = file.substring(0, file.length() - SUFFIX.length());
        if (isInterfaceName(name) && isAnswered(socket)) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException none) {
      return List.of();
    } catch (AccessDeniedException denied) {
      throw new IOException(directory + ": permission denied: run as root", denied);
    }
    return names;
  }

  private static boolean isAnswered(Path socket) {
    try {
      return SocketFile.isAnswered(socket);
    } catch (IOException unreachable) {
      return false;
    }
  }

  /** As the kernel and {@code wg} allow. */
  private static boolean isInterfaceName(String name) {
    return name.matches("[a-zA-Z0-9_=+.-]{1,15}");
  }

  private UapiReplyParser exchange(String name, String request) throws IOException {
    Path socket = SocketFile.path(directory, isInterfaceName(name) ? name : "");
    try (UapiExchange exchange = UapiExchange.connect(socket)) {
      exchange.send(request);
      return exchange.receive();
    } catch (UapiException unknown) {
      throw new IOException(name + ": the answer is not understood: " + unknown.getMessage(), unknown);
    } catch (IOException failed) {
      throw new IOException(name + ": " + explain(socket, failed), failed);
    }
  }

  private String explain(Path socket, IOException failure) {
    if (!Files.isReadable(directory) && Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return "permission denied: " + directory + " is closed to this user: run as root";
    }
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return "no such interface: `jwg up` or `jwg create` makes one";
    }
    if (!Files.isWritable(socket)) {
      return "permission denied: " + socket + " is closed to this user: run as root";
    }
    if (failure instanceof ConnectException) {
      return "nobody answers on " + socket + ": its program has ended: bring the interface up again";
    }
    return "no answer on " + socket + ": " + failure.getMessage();
  }
}
