package dev.jwg.daemon;

import dev.jwg.crypto.CipherSelfTest;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.rehearsal.Rehearsal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an endpoint does in the background once it is ready: it checks the ciphers, has the code of the data path compiled
 * before there is a load, measures the ciphers and gives back the memory that all this took.
 */
final class AfterStart {
  private static final Logger log = LoggerFactory.getLogger(AfterStart.class);

  /** Whoever waits for the interface configures it and sends a first packet in less; that comes first. */
  private static final long DELAY_NS = TimeUnit.MILLISECONDS.toNanos(250);

  /** A rehearsal is done in half of it, unless there is a load already: then the real packets are rehearsal enough. */
  private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(2500);

  /** The compilers and a measurement take some 25 MiB beside the heap: not worth it where memory is that short. */
  private static final long LEAST_HEAP = 48L << 20;

  // sys/resource.h: a thread has an id of its own, and 0 is the calling one's.
  private static final int PRIO_PROCESS = 0;
  private static final int LEAST_URGENT = 19;

  private AfterStart() {}

  static void begin() {
    Thread thread = new Thread(AfterStart::run, "jwg-after-start");
    thread.setDaemon(true);
    thread.start();
  }

  private static void run() {
    if (Libc.setpriority(PRIO_PROCESS, 0, LEAST_URGENT) < 0) {
      log.debug("setpriority: {}", Errno.nameOf(Libc.errno()));
    }
    LockSupport.parkNanos(DELAY_NS);
    log.info(CipherSelfTest.check());
    if (!canAfford(Runtime.getRuntime())) {
      return;
    }
    boolean isIdle = new Rehearsal().run(LONGEST_NS);
    System.gc(); // leaves a small heap, in which a measurement's garbage stays small too
    if (isIdle) {
      log.info(CipherSelfTest.run());
      System.gc();
    }
  }

  /** With a single processor, it would be taken from the packets. */
  private static boolean canAfford(Runtime runtime) {
    return runtime.availableProcessors() > 1 && runtime.maxMemory() >= LEAST_HEAP;
  }
}
