package dev.jwg.tun;

import dev.jwg.linux.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether packets are merged for a device, shared by its queues. A kernel may take an offload at the start and refuse it
 * later: then what it refused together and took singly shows that the offload is to blame, and merging ends. From any
 * thread.
 */
final class Merging {
  private static final Logger log = LoggerFactory.getLogger(Merging.class);

  /** Errors that have passing causes as well, no memory or an interface set up just then, must come so often in a row. */
  private static final int DOUBTFUL_LIMIT = 8;

  private volatile boolean mergesTcp;
  private volatile boolean mergesUdp;

  /** Doubtful refusals in a row, of all queues. */
  private volatile int doubtful;

  Merging(TunOffload offload) {
    mergesTcp = offload != TunOffload.NONE;
    mergesUdp = offload == TunOffload.TCP_AND_UDP;
  }

  boolean mergesTcp() {
    return mergesTcp;
  }

  boolean mergesUdp() {
    return mergesUdp;
  }

  /** The kernel took merged packets. */
  void taken() {
    if (doubtful != 0) {
      doubtful = 0;
    }
  }

  /** The kernel refused packets that were merged, and took all of them singly. */
  synchronized void refused(boolean isUdp, int error) {
    if (isDoubtful(error)) {
      doubtful = doubtful + 1;
      if (doubtful < DOUBTFUL_LIMIT) {
        return;
      }
    }
    end(isUdp, error);
  }

  private static boolean isDoubtful(int error) {
    return error == Errno.EIO.number()
        || error == Errno.EAGAIN.number()
        || error == Errno.ENOMEM.number()
        || error == Errno.ENOBUFS.number();
  }

  private void end(boolean isUdp, int error) {
    if (isUdp ? !mergesUdp : !mergesTcp) {
      return; // another queue was told first
    }
    mergesUdp = false;
    if (!isUdp) {
      mergesTcp = false;
    }
    log.warn(
        "The kernel refuses merged {} packets for the TUN device, from now on they are written singly: write: {}",
        isUdp ? "UDP" : "TCP",
        Errno.nameOf(error));
  }
}
