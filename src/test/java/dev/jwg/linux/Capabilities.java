package dev.jwg.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Lets a test act without the capabilities of root. */
public final class Capabilities {
  /** _LINUX_CAPABILITY_VERSION_3 of linux/capability.h. */
  private static final int VERSION = 0x20080522;

  static {
    Native.register(Capabilities.class, Platform.C_LIBRARY_NAME);
  }

  private Capabilities() {}

  /** Capabilities are a thread's own: capset(2). */
  private static native int capset(long header, long data);

  /** Runs on a thread of its own without any capability, in the calling thread's network namespace. */
  public static <T> T without(Callable<T> action) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              NativeMemory header = new NativeMemory(8);
              header.putInt(0, VERSION);
              if (capset(header.address(0), new NativeMemory(24).address(0)) < 0) {
                throw new SystemCallException("capset", Libc.errno());
              }
              return action.call();
            });
    new Thread(task, "without-capabilities").start();
    try {
      return task.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
