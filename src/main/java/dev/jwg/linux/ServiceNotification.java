package dev.jwg.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Tells a service manager such as systemd of our state, as sd_notify(3) does. */
public final class ServiceNotification {
  private static final int AF_UNIX = 1; // bits/socket.h, from here on
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SUN_PATH = 2; // linux/un.h, from here on
  private static final int UNIX_PATH_MAX = 108;

  private ServiceNotification() {}

  /**
   * Sends one datagram.
   *
   * @param socket value of {@code NOTIFY_SOCKET}: a path, or {@code @} and an abstract name
   * @param state lines such as {@code READY=1}
   */
  public static void send(String socket, String state) throws IOException {
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path.length == 0 || path.length >= UNIX_PATH_MAX) {
      throw new IOException("NOTIFY_SOCKET is no socket's path: " + socket);
    }
    if (path[0] == '@') {
      path[0] = 0;
    }
    int fd = Libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("socket AF_UNIX", Libc.errno());
    }
    try {
      send(fd, path, state.getBytes(StandardCharsets.UTF_8), socket);
    } finally {
      Libc.close(fd);
    }
  }

  private static void send(int fd, byte[] path, byte[] state, String socket) throws IOException {
    try (Memory address = new Memory(SUN_PATH + UNIX_PATH_MAX);
        Memory text = new Memory(state.length)) {
      address.clear();
      address.setShort(0, (short) AF_UNIX);
      address.write(SUN_PATH, path, 0, path.length);
      text.write(0, state, 0, state.length);
      if (Libc.connect(fd, Pointer.nativeValue(address), SUN_PATH + path.length) < 0
          || Libc.send(fd, Pointer.nativeValue(text), state.length, 0) < 0) {
        throw new SystemCallException("notify " + socket, Libc.errno());
      }
    }
  }
}
