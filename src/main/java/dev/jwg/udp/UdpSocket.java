package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.linux.SystemCallException;
import java.util.Locale;

/** Opens UDP sockets of one family. Numbers from bits/socket.h and asm-generic/socket.h, their meaning in socket(7). */
final class UdpSocket {
  private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_REUSEPORT = 15;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_MARK = 36;
  private static final int IPV6_V6ONLY = 26;

  // linux/udp.h, as the next two
  private static final int SOL_UDP = 17;

  /** Since Linux 4.18. */
  private static final int UDP_SEGMENT = 103;

  /** Since Linux 5.0. */
  private static final int UDP_GRO = 104;

  /** IP_PMTUDISC_DONT and IPV6_PMTUDISC_DONT of linux/in.h and linux/in6.h: "may be fragmented" is not "must fit". */
  private static final int MAY_FRAGMENT = 0;

  /** Holds a burst of some 4,000 full datagrams; with the kernel's default of 200 KiB they are lost while we decrypt. */
  private static final int BUFFER_SIZE = 7 << 20;

  private UdpSocket() {}

  /**
   * Opens, configures and binds a socket.
   *
   * @param shared true to bind to a port whose sockets are {@link #share shared} already
   * @return its file descriptor
   */
  static int open(Family family, int port, boolean shared, int fwmark) throws SystemCallException {
    int fd = Libc.socket(family.domain, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("socket UDP over IP" + family.name().toLowerCase(Locale.ROOT), Libc.errno());
    }
    try {
      configure(fd, family);
      if (fwmark != 0) {
        mark(fd, fwmark);
      }
      if (shared) {
        share(fd);
      }
      bind(fd, family, port);
      return fd;
    } catch (SystemCallException e) {
      Libc.close(fd);
      throw e;
    }
  }

  private static void configure(int fd, Family family) throws SystemCallException {
    NativeMemory value = new NativeMemory(4);
    if (family == Family.V6) {
      require(fd, family.level, IPV6_V6ONLY, 1, value, "IPV6_V6ONLY");
    }
    require(fd, family.level, family.receivePacketInfo, 1, value, "packet info");
    require(fd, family.level, family.receiveTos, 1, value, "receive TOS");
    require(fd, family.level, family.mtuDiscover, MAY_FRAGMENT, value, "MTU discovery");
    grow(fd, SO_RCVBUFFORCE, SO_RCVBUF, value);
    grow(fd, SO_SNDBUFFORCE, SO_SNDBUF, value);
  }

  /**
   * Lets sockets of this user that are shared, too, bind to the same port; the kernel keeps a remote endpoint's datagrams
   * on one of them. Called after the bind, it leaves a port that is another's the error that it is.
   */
  static void share(int fd) throws SystemCallException {
    require(fd, SOL_SOCKET, SO_REUSEPORT, 1, new NativeMemory(4), "SO_REUSEPORT");
  }

  /** Switches on what is wanted and the kernel knows, and returns what that is. */
  static UdpOffloads enable(int fd, UdpOffloads wanted) {
    NativeMemory value = new NativeMemory(4);
    // A size of zero is the default, none: it only asks whether the kernel knows the option.
    boolean gso = wanted.gso() && set(fd, SOL_UDP, UDP_SEGMENT, 0, value);
    boolean gro = wanted.gro() && set(fd, SOL_UDP, UDP_GRO, 1, value);
    return new UdpOffloads(gso, gro);
  }

  /** Beyond the system's limit where we may, else up to it. */
  private static void grow(int fd, int force, int plain, NativeMemory value) {
    if (!set(fd, SOL_SOCKET, force, BUFFER_SIZE, value)) {
      set(fd, SOL_SOCKET, plain, BUFFER_SIZE, value);
    }
  }

  static void mark(int fd, int fwmark) throws SystemCallException {
    if (!set(fd, SOL_SOCKET, SO_MARK, fwmark, new NativeMemory(4))) {
      throw new SystemCallException("setsockopt SO_MARK", Libc.errno(), "need CAP_NET_ADMIN");
    }
  }

  private static void bind(int fd, Family family, int port) throws SystemCallException {
    NativeMemory name = new NativeMemory(MessageMemory.SOCKADDR_IN6_SIZE);
    name.putShort(0, family.domain);
    name.putNetworkShort(2, port);
    if (Libc.bind(fd, name.address(0), nameSize(family)) == 0) {
      return;
    }
    int error = Libc.errno();
    String call = "bind UDP port " + port;
    if (error == Errno.EADDRINUSE.number()) {
      throw new SystemCallException(call, error, "another program uses the port");
    }
    if (error == Errno.EACCES.number()) {
      throw new SystemCallException(call, error, "ports below 1024 need CAP_NET_BIND_SERVICE");
    }
    throw new SystemCallException(call, error);
  }

  /** The port that a socket is bound to. */
  static int port(int fd) throws SystemCallException {
    NativeMemory name = new NativeMemory(MessageMemory.SOCKADDR_IN6_SIZE);
    NativeMemory length = new NativeMemory(4);
    length.putInt(0, MessageMemory.SOCKADDR_IN6_SIZE);
    if (Libc.getsockname(fd, name.address(0), length.address(0)) < 0) {
      throw new SystemCallException("getsockname", Libc.errno());
    }
    return name.getNetworkShort(2);
  }

  private static int nameSize(Family family) {
    return family == Family.V6 ? MessageMemory.SOCKADDR_IN6_SIZE : MessageMemory.SOCKADDR_IN_SIZE;
  }

  private static void require(int fd, int level, int name, int number, NativeMemory value, String what)
      throws SystemCallException {
    if (!set(fd, level, name, number, value)) {
      throw new SystemCallException("setsockopt " + what, Libc.errno());
    }
  }

  private static boolean set(int fd, int level, int name, int number, NativeMemory value) {
    value.putInt(0, number);
    return Libc.setsockopt(fd, level, name, value.address(0), 4) == 0;
  }
}
