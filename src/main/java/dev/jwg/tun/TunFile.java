package dev.jwg.tun;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.linux.SystemCallException;
import dev.jwg.offload.VirtioNetHeader;
import java.util.ArrayList;
import java.util.List;

/**
 * An open {@code /dev/net/tun}, attached to its interface as one queue of it: the kernel's
 * Documentation/networking/tuntap.rst and linux/if_tun.h.
 *
 * @param fd its file descriptor
 * @param isPersistent true if the interface was there before and stays when the descriptor is closed
 * @param isMultiQueue true if the interface can have more queues
 * @param offload what passes many packets at a time; unless NONE, a {@link VirtioNetHeader} stands before each packet
 */
record TunFile(int fd, boolean isPersistent, boolean isMultiQueue, TunOffload offload) {
  private static final String PATH = "/dev/net/tun";

  /** O_RDWR, O_NONBLOCK and O_CLOEXEC of asm-generic/fcntl.h. */
  private static final int OPEN_FLAGS = 2 | 0x800 | 0x80000;

  private static final int TUNSETIFF = 0x400454ca;
  private static final int TUNSETOFFLOAD = 0x400454d0;
  private static final int TUNGETIFF = 0x800454d2;
  private static final int TUNSETVNETHDRSZ = 0x400454d8;
  private static final int TUNGETDEVNETNS = 0x54e3;
  private static final int IFF_TUN = 0x0001;
  private static final int IFF_MULTI_QUEUE = 0x0100;
  private static final int IFF_PERSIST = 0x0800;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;

  /** Fails with EBUSY if the interface exists. */
  private static final int IFF_TUN_EXCL = 0x8000;

  /**
   * Creates the interface, or attaches to a persistent one of that name.
   *
   * @param wantsOffload true for as much offload as the kernel has
   * @param queues how many to open, each with its descriptor; a persistent interface that was made for one gets one
   */
  static List<TunFile> open(String name, boolean wantsOffload, int queues) throws SystemCallException {
    TunFile first = openFirst(name, wantsOffload, queues > 1);
    List<TunFile> files = new ArrayList<>(List.of(first));
    try {
      while (first.isMultiQueue && files.size() < queues) {
        files.add(open(name, first.offload, IFF_MULTI_QUEUE));
      }
      return files;
    } catch (SystemCallException e) {
      files.forEach(TunFile::close);
      throw e;
    }
  }

  private static TunFile openFirst(String name, boolean wantsOffload, boolean isMultiQueue) throws SystemCallException {
    try {
      return openBest(name, wantsOffload, isMultiQueue ? IFF_MULTI_QUEUE | IFF_TUN_EXCL : 0);
    } catch (SystemCallException e) {
      if (!e.is(isMultiQueue ? Errno.EBUSY : Errno.EINVAL)) {
        throw e;
      }
    }
    // It exists, and was made for many queues or for one, whatever we want.
    try {
      return openOwnerless(name, wantsOffload);
    } catch (SystemCallException e) {
      if (!isMultiQueue || !e.is(Errno.EINVAL)) {
        throw e;
      }
      return openBest(name, wantsOffload, 0);
    }
  }

  /** Of an interface for many queues the kernel gives one to every program that asks: it has to be nobody else's. */
  private static TunFile openOwnerless(String name, boolean wantsOffload) throws SystemCallException {
    TunFile file = openBest(name, wantsOffload, IFF_MULTI_QUEUE);
    if (!file.isPersistent) {
      file.close();
      throw taken("ioctl TUNSETIFF " + name);
    }
    return file;
  }

  private static TunFile openBest(String name, boolean wantsOffload, int flags) throws SystemCallException {
    if (wantsOffload) {
      for (TunOffload offload : List.of(TunOffload.TCP_AND_UDP, TunOffload.TCP)) {
        try {
          return open(name, offload, flags);
        } catch (SystemCallException e) {
          if (!e.is(Errno.EINVAL)) {
            throw e;
          }
        }
      }
    }
    return open(name, TunOffload.NONE, flags);
  }

  private static TunFile open(String name, TunOffload offload, int flags) throws SystemCallException {
    int fd = Libc.open(PATH, OPEN_FLAGS, 0);
    if (fd < 0) {
      throw openFailed(Libc.errno());
    }
    try {
      attach(fd, name, flags | (offload == TunOffload.NONE ? 0 : IFF_VNET_HDR));
      // Also to say "none", and the size that is the default: another program may have left a persistent interface otherwise.
      setHeaderSize(fd);
      if (Libc.ioctl(fd, TUNSETOFFLOAD, offload.flags) < 0) {
        throw new SystemCallException("ioctl TUNSETOFFLOAD " + name, Libc.errno());
      }
      InterfaceRequest present = new InterfaceRequest();
      int error = present.ioctl(fd, TUNGETIFF);
      if (error != 0) {
        throw new SystemCallException("ioctl TUNGETIFF " + name, error);
      }
      boolean isPersistent = (present.flags() & IFF_PERSIST) != 0;
      return new TunFile(fd, isPersistent, (flags & IFF_MULTI_QUEUE) != 0, offload);
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

  private static void attach(int fd, String name, int flags) throws SystemCallException {
    InterfaceRequest request = new InterfaceRequest(name);
    request.flags(IFF_TUN | IFF_NO_PI | flags);
    int error = request.ioctl(fd, TUNSETIFF);
    String call = "ioctl TUNSETIFF " + name;
    if (error == Errno.EBUSY.number()) {
      throw taken(call);
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

  private static SystemCallException taken(String call) {
    return new SystemCallException(call, Errno.EBUSY.number(), "the name is taken by another program");
  }

  private static void setHeaderSize(int fd) throws SystemCallException {
    NativeMemory size = new NativeMemory(4);
    size.putInt(0, VirtioNetHeader.LENGTH);
    if (Libc.ioctl(fd, TUNSETVNETHDRSZ, size.address(0)) < 0) {
      throw new SystemCallException("ioctl TUNSETVNETHDRSZ", Libc.errno());
    }
  }

  /** Closes the descriptor; a persistent interface is left as another program expects it, which may know no headers. */
  void close() {
    if (isPersistent) {
      Libc.ioctl(fd, TUNSETOFFLOAD, 0);
    }
    Libc.close(fd);
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
