package dev.jwg.linux;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a loop's thread has allocated. */
public final class Allocations {
  private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /** Bytes that the loop's thread has allocated on the heap since it began. */
  public static long of(EpollLoop loop) throws Exception {
    CompletableFuture<Long> bytes = new CompletableFuture<>();
    loop.execute(() -> bytes.complete(threads.getCurrentThreadAllocatedBytes()));
    return bytes.get(60, TimeUnit.SECONDS);
  }

  /** Bytes that the calling thread has allocated on the heap since it began. */
  public static long ofThisThread() {
    return threads.getCurrentThreadAllocatedBytes();
  }
}
