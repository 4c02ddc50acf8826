package dev.jwg.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;

/** Makes /proc/sys read-only for the calling thread alone, as a container has it. */
public final class MountNamespace {
  private static final int CLONE_NEWNS = 0x20000; // linux/sched.h
  private static final long MS_RDONLY = 1; // linux/mount.h
  private static final long MS_REMOUNT = 32;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;

  static {
    Native.register(MountNamespace.class, Platform.C_LIBRARY_NAME);
  }

  private MountNamespace() {}

  private static native int unshare(int flags);

  private static native int mount(String source, String target, @Nullable String type, long flags, long options);

  /** For as long as the calling thread lives. */
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
