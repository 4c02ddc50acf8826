package dev.jwg.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A name that one socket at a time holds in a network namespace: an abstract UNIX address (unix(7)). The kernel frees it
 * when the process ends, however it ends. It needs no file, so processes that share only the network see it too.
 * The namespace is that of the thread that constructed this object. Not thread-safe.
 */
public final class NamespaceName implements AutoCloseable {
  private static final int AF_UNIX = 1; // bits/socket.h
  private static final int SOCK_DGRAM_CLOEXEC = 0x80002;
  private static final int SUN_PATH_OFFSET = 2; // struct sockaddr_un, linux/un.h

  private final String name;
  private final int fd;
  private boolean closed;

  /** Prepares to take a name of at most 100 ASCII characters. */
  public NamespaceName(String name) throws IOException {
    this.name = name;
    fd = Libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("socket AF_UNIX", Libc.errno());
    }
  }

  /** Takes the name; returns false if another socket holds it. */
  public boolean take() throws IOException {
    byte[] path = ("\0" + name).getBytes(StandardCharsets.US_ASCII);
    int length = SUN_PATH_OFFSET + path.length;
    try (Memory address = new Memory(length)) {
      address.setShort(0, (short) AF_UNIX);
      address.write(SUN_PATH_OFFSET, path, 0, path.length);
      if (Libc.bind(fd, Pointer.nativeValue(address), length) == 0) {
        return true;
      }
      int errno = Libc.errno();
      if (errno == Errno.EADDRINUSE.number()) {
        return false;
      }
      throw new SystemCallException("bind @" + name, errno);
    }
  }

  /** Frees the name; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libc.close(fd);
    }
  }
}
