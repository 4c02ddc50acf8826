package dev.jwg.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * System calls by JNA direct mapping. All return -1 on error, with the reason in {@link #errno()}, and allocate nothing.
 * Pointers are passed as {@code long} addresses of memory that the caller owns. Names and arguments as in section 2 of the
 * manual.
 */
public final class Libc {
  static {
    // JNA would run ldconfig to learn where libraries are: the only one here is the C library, which is loaded already.
    System.setProperty("jna.platform.library.path", "");
    Native.register(Libc.class, NativeLibrary.getProcess());
  }

  private Libc() {}

  /** The calling thread's error number of the last call; 0 if there was none. */
  public static int errno() {
    return Native.getLastError();
  }

  public static native int open(String path, int flags, int mode);

  public static native int close(int fd);

  public static native long read(int fd, long buffer, long length);

  public static native long write(int fd, long buffer, long length);

  public static native int ioctl(int fd, long request, long argument);

  public static native int fcntl(int fd, int command, long argument);

  public static native int socket(int domain, int type, int protocol);

  public static native int bind(int fd, long address, int length);

  public static native int connect(int fd, long address, int length);

  public static native int getsockname(int fd, long address, long lengthPointer);

  public static native int setsockopt(int fd, int level, int name, long value, int length);

  public static native long sendmsg(int fd, long msghdr, int flags);

  public static native long recvmsg(int fd, long msghdr, int flags);

  public static native long send(int fd, long buffer, long length, int flags);

  public static native long recv(int fd, long buffer, long length, int flags);

  public static native int setns(int fd, int nstype);

  public static native int setsid();

  public static native int umask(int mask);

  public static native int setpriority(int which, int who, int nice);

  static native int clock_gettime(int clock, long timespec);

  static native int timerfd_create(int clock, int flags);

  static native int timerfd_settime(int fd, int flags, long newValue, long oldValue);

  public static native int inotify_init1(int flags);

  public static native int inotify_add_watch(int fd, String path, int mask);
}
