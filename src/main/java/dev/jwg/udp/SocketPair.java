package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.SystemCallException;
import java.util.ArrayList;
import java.util.List;

/**
 * The sockets of both families on one port number.
 *
 * @param port the port
 * @param v4 the IPv4 socket's file descriptor, or {@link #ABSENT}
 * @param v6 the IPv6 socket's file descriptor, or {@link #ABSENT}
 * @param offloads what they do
 */
record SocketPair(int port, int v4, int v6, UdpOffloads offloads) {
  /** In place of the descriptor of a family that the machine does not offer. */
  static final int ABSENT = -1;

  static final SocketPair UNBOUND = new SocketPair(0, ABSENT, ABSENT, new UdpOffloads(false, false));

  /** A port that is free in one family may be taken in the other; so many random ones are tried. */
  private static final int RANDOM_PORTS = 100;

  /**
   * Binds so many pairs, of both families or the one that exists, to a port; 0 for a random one.
   *
   * @param wanted the offloads to use where the kernel knows them
   */
  static List<SocketPair> open(int count, int port, int fwmark, UdpOffloads wanted) throws SystemCallException {
    SocketPair first = openFirst(port, fwmark, wanted);
    List<SocketPair> pairs = new ArrayList<>(List.of(first));
    try {
      if (count > 1) {
        first.share();
      }
      while (pairs.size() < count) {
        pairs.add(tryOpen(first.port, /* shared= */ true, fwmark, wanted));
      }
      return pairs;
    } catch (SystemCallException e) {
      pairs.forEach(SocketPair::close);
      throw e;
    }
  }

  private static SocketPair openFirst(int port, int fwmark, UdpOffloads wanted) throws SystemCallException {
    for (int attempt = 1; ; attempt++) {
      try {
        return tryOpen(port, /* shared= */ false, fwmark, wanted);
      } catch (SystemCallException e) {
        if (port != 0 || !e.is(Errno.EADDRINUSE) || attempt == RANDOM_PORTS) {
          throw e;
        }
      }
    }
  }

  private static SocketPair tryOpen(int port, boolean shared, int fwmark, UdpOffloads wanted)
      throws SystemCallException {
    int v4 = ABSENT;
    int bound = port;
    UdpOffloads offloads = wanted;
    try {
      v4 = UdpSocket.open(Family.V4, port, shared, fwmark);
      bound = UdpSocket.port(v4);
      offloads = UdpSocket.enable(v4, offloads);
    } catch (SystemCallException e) {
      if (!isFamilyMissing(e)) {
        throw e;
      }
    }
    try {
      int v6 = UdpSocket.open(Family.V6, bound, shared, fwmark);
      return new SocketPair(UdpSocket.port(v6), v4, v6, UdpSocket.enable(v6, offloads));
    } catch (SystemCallException e) {
      if (isFamilyMissing(e) && v4 != ABSENT) {
        return new SocketPair(bound, v4, ABSENT, offloads);
      }
      if (v4 != ABSENT) {
        Libc.close(v4);
      }
      throw e;
    }
  }

  private static boolean isFamilyMissing(SystemCallException e) {
    return e.is(Errno.EAFNOSUPPORT) || e.is(Errno.EADDRNOTAVAIL) || e.is(Errno.EPROTONOSUPPORT);
  }

  int fd(Family family) {
    return family == Family.V6 ? v6 : v4;
  }

  private void share() throws SystemCallException {
    for (int fd : List.of(v4, v6)) {
      if (fd != ABSENT) {
        UdpSocket.share(fd);
      }
    }
  }

  private void close() {
    for (int fd : List.of(v4, v6)) {
      if (fd != ABSENT) {
        Libc.close(fd);
      }
    }
  }
}
