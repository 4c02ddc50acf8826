package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends datagrams as few at a time as they must: a run of one size and TOS byte together where the kernel takes it, each
 * from the endpoint's source while there is that.
 *
 * <p>Why the kernel refuses a run cannot be told from the error number alone: EINVAL is a source address that is gone, and
 * on older kernels datagrams larger than the path's MTU, too. So what was refused together is tried singly, which settles
 * it: that can be fragmented, and says whether the source is to blame. Not thread-safe.
 */
final class DatagramSender {
  private static final Logger log = LoggerFactory.getLogger(DatagramSender.class);

  /** UDP_MAX_SEGMENTS of linux/udp.h; newer kernels take twice as many. */
  private static final int MAX_SEGMENTS = 64;

  /**
   * The most that a network device takes as one frame, GSO_LEGACY_MAX_SIZE less one of linux/netdevice.h, without the headers
   * of UDP, IPv6 and a tagged Ethernet frame. A device gets more already cut, which takes longer.
   */
  private static final int MAX_BYTES = 65_535 - 8 - 40 - 18;

  /** Fits every path of IPv6, and those of IPv4 that one meets: the least MTU of RFC 8200 section 5 without headers. */
  private static final int SMALL = 1280 - 40 - 8;

  /** Ends segmentation after so many doubtful refusals in a row. */
  private static final int DOUBTFUL_LIMIT = 8;

  private final DatagramWriter writer = new DatagramWriter();
  private final AtomicLong refused = new AtomicLong();

  /** Runs in a row that were refused for a doubtful reason and passed singly. */
  private int doubtful;

  /** Sockets that take datagrams only one by one. */
  private @Nullable SocketPair takingSingles;

  /** Datagrams that the kernel did not take, or that there was no socket for. */
  long refused() {
    return refused.get();
  }

  /** As {@link Udp#send}. */
  boolean send(SocketPair sockets, Batch datagrams, int from, int to, Endpoint endpoint) {
    int fd = sockets.fd(Family.of(endpoint.address().isV6()));
    if (fd == SocketPair.ABSENT) {
      refused.addAndGet(to - from);
      return true;
    }
    writer.aim(endpoint);
    boolean sourceHeld = true;
    int slot = from;
    while (slot < to) {
      boolean together = sockets.offloads().gso() && !sockets.equals(takingSingles);
      int end = together ? endOfRun(datagrams, slot, to) : slot + 1;
      sourceHeld &=
          end - slot == 1 ? sendOne(fd, datagrams, slot) : sendRun(sockets, fd, datagrams, slot, end);
      slot = end;
    }
    return sourceHeld;
  }

  /** As {@link Udp#sendMessage}. */
  boolean send(SocketPair sockets, byte[] message, int tos, Endpoint endpoint) {
    int fd = sockets.fd(Family.of(endpoint.address().isV6()));
    if (fd == SocketPair.ABSENT) {
      refused.incrementAndGet();
      return true;
    }
    writer.aim(endpoint);
    writer.put(message, 0, message.length);
    return sendOne(fd, tos);
  }

  /** Where the run ends that begins with a slot: all of one size but the last, which may be shorter. */
  private static int endOfRun(Batch datagrams, int from, int to) {
    int size = datagrams.length(from);
    int tos = datagrams.tos(from);
    int limit = Math.min(to, from + MAX_SEGMENTS);
    int total = size;
    int slot = from + 1;
    while (slot < limit && datagrams.length(slot - 1) == size && datagrams.tos(slot) == tos) {
      int length = datagrams.length(slot);
      total += length;
      if (length == 0 || length > size || total > MAX_BYTES) {
        break;
      }
      slot++;
    }
    return slot;
  }

  private boolean sendRun(SocketPair sockets, int fd, Batch datagrams, int from, int to) {
    int error = sendTogether(fd, datagrams, from, to);
    if (error == 0) {
      doubtful = 0;
      return true;
    }
    if (!mayPassSingly(error)) {
      refused(error, to - from);
      return true;
    }
    long refusedBefore = refused();
    boolean sourceHeld = true;
    for (int slot = from; slot < to; slot++) {
      sourceHeld &= sendOne(fd, datagrams, slot);
    }
    boolean allPassed = sourceHeld && refused() == refusedBefore;
    if (allPassed && isSegmentationRefused(error, datagrams.length(from))) {
      takingSingles = sockets;
      log.warn("The kernel refuses runs of datagrams, UDP segmentation offload is off: sendmsg: {}", Errno.nameOf(error));
    }
    return sourceHeld;
  }

  private int sendTogether(int fd, Batch datagrams, int from, int to) {
    put(datagrams, from);
    for (int slot = from + 1; slot < to; slot++) {
      writer.append(datagrams.bytes(), datagrams.offset(slot), datagrams.length(slot));
    }
    return writer.sendSegments(fd, datagrams.tos(from), datagrams.length(from));
  }

  private boolean mayPassSingly(int error) {
    return error == Errno.EIO.number()
        || error == Errno.EINVAL.number()
        || error == Errno.EMSGSIZE.number()
        || isOffloadMissing(error)
        || isDoubtful(error)
        || (writer.usesSource() && isSourceLost(error));
  }

  /**
   * Returns true for EIO, for a device without checksums or with IPsec (see udp_send_skb of the kernel's net/ipv4/udp.c), and for
   * EINVAL and EMSGSIZE where they cannot mean the MTU. All are unlikely to pass.
   */
  private boolean isSegmentationRefused(int error, int size) {
    if (isDoubtful(error)) {
      doubtful++;
      return doubtful >= DOUBTFUL_LIMIT;
    }
    boolean mayBeMtu = error == Errno.EINVAL.number() || error == Errno.EMSGSIZE.number();
    return error == Errno.EIO.number() || isOffloadMissing(error) || (mayBeMtu && size <= SMALL);
  }

  private static boolean isOffloadMissing(int error) {
    return error == Errno.EOPNOTSUPP.number()
        || error == Errno.ENOTSUPP.number()
        || error == Errno.ENOPROTOOPT.number();
  }

  /** Errors that have passing causes as well: no memory, or a rule of the firewall. */
  private static boolean isDoubtful(int error) {
    return error == Errno.ENOBUFS.number() || error == Errno.ENOMEM.number() || error == Errno.EPERM.number();
  }

  private boolean sendOne(int fd, Batch datagrams, int slot) {
    put(datagrams, slot);
    return sendOne(fd, datagrams.tos(slot));
  }

  private void put(Batch datagrams, int slot) {
    writer.put(datagrams.bytes(), datagrams.offset(slot), datagrams.length(slot));
  }

  /** Returns false if the datagram left, but not from the endpoint's source; the writer then goes on without. */
  private boolean sendOne(int fd, int tos) {
    int error = writer.send(fd, tos);
    boolean sourceLost = isSourceLost(error) && writer.usesSource();
    if (sourceLost) {
      writer.dropSource();
      error = writer.send(fd, tos);
    }
    if (error != 0) {
      refused(error, 1);
    }
    return !sourceLost || error != 0;
  }

  private void refused(int error, int count) {
    refused.addAndGet(count);
    log.debug("sendmsg: {}", Errno.nameOf(error));
  }

  /**
   * What Linux 6 says when the source's address is gone (EINVAL; ENETUNREACH over IPv4), its interface is gone (ENODEV) or
   * down (ENETUNREACH). The other two are what ip(7) and ipv6(7) allow it to say.
   */
  private static boolean isSourceLost(int error) {
    return error == Errno.EINVAL.number()
        || error == Errno.EADDRNOTAVAIL.number()
        || error == Errno.ENODEV.number()
        || error == Errno.ENETUNREACH.number()
        || error == Errno.EHOSTUNREACH.number();
  }
}
