package dev.jwg.tun;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.SystemCallException;

/**
 * An open {@code /dev/net/tun}, attached to its interface: the kernel's Documentation/networking/tuntap.rst and
 * linux/if_tun.h.
 *
 * @param fd its file descriptor
 * @param isPersistent true if the interface was there before and stays when the descriptor is closed
 */
record TunFile(int fd, boolean isPersistent) {
  private static final String PATH = "/dev/net/tun";

  /** O_RDWR, O_NONBLOCK and O_CLOEXEC of asm-generic/fcntl.h. */
  private static final int OPEN_FLAGS = 2 | 0x800 | 0x80000;

  private static final int TUNSETIFF = 0x400454ca;
  private static final int TUNSETOFFLOAD = 0x400454d0;
  private static final int TUNGETIFF = 0x800454d2;
  private static final int TUNGETDEVNETNS = 0x54e3;
  private static final int IFF_TUN = 0x0001;
  private static final int IFF_PERSIST = 0x0800;
  private static final int IFF_NO_PI = 0x1000;

  /** Creates the interface, or attaches to a persistent one of that name. */
  static TunFile open(String name) throws SystemCallException {
    int fd = Libc.open(PATH, OPEN_FLAGS, 0);
    if (fd < 0) {
      throw openFailed(Libc.errno());
    }
    try {
      attach(fd, name);
      // Another program may have left a persistent interface merging packets into larger ones than we can tell apart.
      if (Libc.ioctl(fd, TUNSETOFFLOAD, 0) < 0) {
        throw new SystemCallException("ioctl TUNSETOFFLOAD " + name, Libc.errno());
      }
      InterfaceRequest present = new InterfaceRequest();
      int error = present.ioctl(fd, TUNGETIFF);
      if (error != 0) {
        throw new SystemCallException("ioctl TUNGETIFF " + name, error);
      }
      return new TunFile(fd, (present.flags() & IFF_PERSIST) != 0);
    } catch (SystemCallException e) {
      Libc.close(fd);
      throw e;
    }
  }

  private static SystemCallException openFailed(int error) {
    String call = "open " + PATH;
    if (error == Errno.ENOENT.number() || error == Errno.ENODEV.number()) {
      return new SystemCallException(call, error, "modprobe tun, or --device " + PATH + " for a container");
    }
    if (error == Errno.EACCES.number() || error == Errno.EPERM.number()) {
      return new SystemCallException(call, error, "need read and write access to the device");
    }
    return new SystemCallException(call, error);
  }

  private static void attach(int fd, String name) throws SystemCallException {
    InterfaceRequest request = new InterfaceRequest(name);
    request.flags(IFF_TUN | IFF_NO_PI);
    int error = request.ioctl(fd, TUNSETIFF);
    String call = "ioctl TUNSETIFF " + name;
    if (error == Errno.EBUSY.number()) {
      throw new SystemCallException(call, error, "the name is taken by another program");
    }
    if (error == Errno.EINVAL.number()) {
      throw new SystemCallException(call, error, "an interface of that name exists and is not a TUN device");
    }
    if (error == Errno.EPERM.number()) {
      throw new SystemCallException(call, error, "need CAP_NET_ADMIN");
    }
    if (error != 0) {
      throw new SystemCallException(call, error);
    }
  }

  /**
   * The interface's name, whatever it was renamed to and in whichever namespace it is.
   *
   * @throws SystemCallException with EBADFD if the interface has been deleted
   */
  String name() throws SystemCallException {
    InterfaceRequest request = new InterfaceRequest();
    int error = request.ioctl(fd, TUNGETIFF);
    if (error != 0) {
      throw new SystemCallException("ioctl TUNGETIFF", error);
    }
    return request.name();
  }

  /** Opens the network namespace that the interface is in; the caller closes the descriptor. */
  int openNamespace() throws SystemCallException {
    int namespace = Libc.ioctl(fd, TUNGETDEVNETNS, 0);
    if (namespace < 0) {
      throw new SystemCallException("ioctl TUNGETDEVNETNS", Libc.errno());
    }
    return namespace;
  }
}
