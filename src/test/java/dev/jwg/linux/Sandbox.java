package dev.jwg.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** Takes from the calling thread, for as long as it lives, what a container takes from a process. */
public final class Sandbox {
  private static final int CLONE_NEWNS = 0x20000; // linux/sched.h
  private static final long MS_RDONLY = 1; // linux/mount.h
  private static final long MS_REMOUNT = 32;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;

  private static final int CAPABILITY_VERSION_3 = 0x20080522; // linux/capability.h
  private static final int CAPABILITY_DATA_LENGTH = 24;

  static {
    Native.register(Sandbox.class, Platform.C_LIBRARY_NAME);
  }

  private Sandbox() {}

  private static native int unshare(int flags);

  private static native int mount(String source, String target, @Nullable String type, long flags, long options);

  private static native int capset(Pointer header, Pointer data);

  /** Drops all capabilities. */
  public static void dropCapabilities() throws SystemCallException {
    try (Memory header = new Memory(8);
        Memory none = new Memory(CAPABILITY_DATA_LENGTH)) {
      none.clear();
      header.setInt(0, CAPABILITY_VERSION_3);
      header.setInt(4, 0);
      check("capset", capset(header, none));
    }
  }

  /** Makes /proc/sys read-only. */
  public static void makeProcSysReadOnly() throws SystemCallException {
    check("unshare", unshare(CLONE_NEWNS));
    check("mount", mount("none", "/", null, MS_REC | MS_PRIVATE, 0));
    check("mount", mount("/proc/sys", "/proc/sys", null, MS_BIND, 0));
    check("mount", mount("/proc/sys", "/proc/sys", null, MS_BIND | MS_REMOUNT | MS_RDONLY, 0));
  }

  private static void check(String call, int result) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, Libc.errno());
    }
  }
}
