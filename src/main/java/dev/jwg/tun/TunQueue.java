package dev.jwg.tun;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Registration;
import dev.jwg.net.Batch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One queue of a TUN device, read and written on its data shard's loop. */
final class TunQueue implements Tun.Queue {
  private static final Logger log = LoggerFactory.getLogger(TunQueue.class);

  /** As many packets as one read brings at most, unless their MTU is much below Ethernet's. */
  private static final int MERGED = 64;

  /** Room for two such reads, and no more per wake-up, so that the UDP sockets get their turn. */
  private static final int SLOTS = 2 * MERGED;

  /** Bytes of such a read: each packet gets the headers of all, at most 40 of IPv6 and 60 of TCP. */
  private static final int READ_SIZE = Batch.MAX_LENGTH + MERGED * (40 + 60);

  private final TunFile file;
  private final EpollLoop shard;
  private final Batch batch = new Batch(Batch.capacityFor(SLOTS, 2 * READ_SIZE), SLOTS);
  private final PacketIo io;
  private final AtomicLong refusedWrites = new AtomicLong();
  private final AtomicLong failedReads = new AtomicLong();
  private Tun.@Nullable PacketListener listener;

  /** Absent before the start, when nothing is written either. */
  private volatile @Nullable Registration reading;

  /** A queue of a device whose queues share {@code merging}. */
  TunQueue(TunFile file, EpollLoop shard, Merging merging) {
    this.file = file;
    this.shard = shard;
    io = file.offload() == TunOffload.NONE
        ? new SinglePackets(file.fd(), this::refused)
        : new SuperPackets(file.fd(), merging, this::refused);
  }

  @Override
  public void listen(Tun.PacketListener packets) {
    listener = packets;
  }

  /**
   * Begins to read.
   *
   * @param onEnded run, on the shard, when the interface has been deleted
   */
  void start(Runnable onEnded) {
    Tun.PacketListener packets = listener;
    if (packets == null) {
      throw new IllegalStateException("nobody listens");
    }
    reading = shard.register(file.fd(), () -> read(packets, onEnded), file::close);
  }

  private void read(Tun.PacketListener packets, Runnable onEnded) {
    batch.clear();
    int error = 0;
    while (error == 0 && batch.hasRoom(MERGED, READ_SIZE)) {
      error = io.read(batch, packets);
    }
    if (!batch.isEmpty()) {
      packets.onPackets(batch);
    }
    if (error == Errno.EBADFD.number()) {
      onEnded.run();
    } else if (error != 0 && error != Errno.EAGAIN.number()) {
      failedReads.incrementAndGet();
      log.debug("read: {}", Errno.nameOf(error));
    }
  }

  boolean isOpen() {
    Registration open = reading;
    return open != null && open.isOpen();
  }

  @Override
  public void write(Batch packets, int from, int to) {
    if (isOpen()) {
      io.write(packets, from, to);
    }
  }

  /** EIO: the interface is down; EINVAL: not an IP packet; ENOBUFS, EAGAIN: no memory. */
  private void refused(int packets, int error) {
    refusedWrites.addAndGet(packets);
    log.debug("write: {}", Errno.nameOf(error));
  }

  long refusedWrites() {
    return refusedWrites.get();
  }

  long failedReads() {
    return failedReads.get();
  }

  /** From any thread; off the loop it waits for that. */
  void close() {
    Registration open = reading;
    if (open == null) {
      file.close();
    } else {
      open.close();
    }
  }
}
