package dev.jwg.tun;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.linux.SystemCallException;

/** An interface's name and one value: struct ifreq of netdevice(7), on 64-bit Linux. */
final class InterfaceRequest {
  // linux/sockios.h
  private static final int SIOCGIFMTU = 0x8921;
  private static final int SIOCSIFMTU = 0x8922;
  private static final int SIOCGIFINDEX = 0x8933;

  // bits/socket.h
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

  private static final int VALUE = 16;
  private static final int SIZE = 40;

  private final NativeMemory memory = new NativeMemory(SIZE);

  InterfaceRequest(String name) {
    memory.putString(0, name);
  }

  /** A request whose name the kernel fills in. */
  InterfaceRequest() {}

  String name() {
    return memory.getString(0);
  }

  int flags() {
    return Short.toUnsignedInt(memory.getShort(VALUE));
  }

  void flags(int flags) {
    memory.putShort(VALUE, flags);
  }

  /** Calls ioctl(2) with this request: 0, or the error number. */
  int ioctl(int fd, long command) {
    return Libc.ioctl(fd, command, memory.address(0)) < 0 ? Libc.errno() : 0;
  }

  /** An interface's MTU, in the calling thread's network namespace like all of these. */
  static int mtu(String name) throws SystemCallException {
    return get(name, SIOCGIFMTU, "SIOCGIFMTU");
  }

  /** An interface's index. */
  static int index(String name) throws SystemCallException {
    return get(name, SIOCGIFINDEX, "SIOCGIFINDEX");
  }

  private static int get(String name, int command, String what) throws SystemCallException {
    InterfaceRequest request = new InterfaceRequest(name);
    int error = request.ioctlOnSocket(command);
    if (error != 0) {
      throw new SystemCallException("ioctl " + what + " " + name, error);
    }
    return request.memory.getInt(VALUE);
  }

  /** Changes an interface's MTU. */
  static void setMtu(String name, int mtu) throws SystemCallException {
    InterfaceRequest request = new InterfaceRequest(name);
    request.memory.putInt(VALUE, mtu);
    int error = request.ioctlOnSocket(SIOCSIFMTU);
    String call = "ioctl SIOCSIFMTU " + name + " " + mtu;
    if (error == Errno.EINVAL.number()) {
      throw new SystemCallException(call, error, "the MTU of a TUN device is 68 to 65535");
    }
    if (error == Errno.EPERM.number()) {
      throw new SystemCallException(call, error, "need CAP_NET_ADMIN");
    }
    if (error != 0) {
      throw new SystemCallException(call, error);
    }
  }

  private int ioctlOnSocket(int command) throws SystemCallException {
    int socket = Libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) {
      throw new SystemCallException("socket", Libc.errno());
    }
    try {
      return ioctl(socket, command);
    } finally {
      Libc.close(socket);
    }
  }
}
