package dev.jwg.tun;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Registration;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Batch;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TUN device of {@code /dev/net/tun}, read and written on a data shard's loop. */
public final class LinuxTun implements Tun {
  private static final Logger log = LoggerFactory.getLogger(LinuxTun.class);

  /** Leaves room for WireGuard over IPv6 on Ethernet: 1500 - 40 - 8 - 32. */
  public static final int DEFAULT_MTU = 1420;

  /** What wg-quick(8) and the kernel both accept. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_=+.-]{1,15}");

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
  private final LinkFollower follower;

  /** Absent before the start, when nothing is written either. */
  private volatile @Nullable Registration reading;

  private boolean isClosed;

  private LinuxTun(TunFile file, String name, EpollLoop shard, EpollLoop control) throws IOException {
    this.file = file;
    this.shard = shard;
    io = file.offload() == TunOffload.NONE
        ? new SinglePackets(file.fd(), this::refused)
        : new SuperPackets(file.fd(), file.offload(), this::refused);
    follower = new LinkFollower(name, control, () -> shard.execute(this::locate));
  }

  /**
   * Creates the interface, or attaches to a persistent one that we may use.
   *
   * @param mtu the MTU to set; 0 for {@link #DEFAULT_MTU} on a new interface and no change to a persistent one
   * @param offload true to pass many packets of a flow in one system call where the kernel can
   * @param shard whose thread reads and writes packets
   * @param control whose thread hears what is done to the interface
   */
  public static LinuxTun open(String name, int mtu, boolean offload, EpollLoop shard, EpollLoop control)
      throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("interface name \"" + name + "\": 1 to 15 of the characters a-z A-Z 0-9 _ = + . -");
    }
    TunFile file = TunFile.open(name, offload);
    try {
      setMtu(file, name, mtu);
      log.info("TUN segmentation offload is {}", file.offload());
      return new LinuxTun(file, name, shard, control);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static void setMtu(TunFile file, String name, int mtu) throws IOException {
    int present = InterfaceRequest.mtu(name);
    int unset = file.isPersistent() ? present : DEFAULT_MTU;
    int wanted = mtu == 0 ? unset : mtu;
    // Without CAP_NET_ADMIN even the call that changes nothing is refused.
    if (wanted != present) {
      InterfaceRequest.setMtu(name, wanted);
    }
  }

  @Override
  public synchronized void start(PacketListener packets, LinkListener link) {
    if (reading != null || isClosed) {
      throw new IllegalStateException("a TUN device starts once");
    }
    follower.listen(link);
    reading = shard.register(file.fd(), () -> read(packets), file::close);
    follower.start();
  }

  private void read(PacketListener packets) {
    batch.clear();
    int error = 0;
    while (error == 0 && batch.hasRoom(MERGED, READ_SIZE)) {
      error = io.read(batch, packets);
    }
    if (!batch.isEmpty()) {
      packets.onPackets(batch);
    }
    if (error == Errno.EBADFD.number()) {
      ended();
    } else if (error != 0 && error != Errno.EAGAIN.number()) {
      failedReads.incrementAndGet();
      log.debug("read {}: {}", name(), Errno.nameOf(error));
    }
  }

  /** Netlink says that the interface has left its namespace: deleted or moved? */
  private void locate() {
    if (!isOpen()) {
      return;
    }
    try {
      follower.follow(file.name(), file.openNamespace());
    } catch (SystemCallException e) {
      if (e.is(Errno.EBADFD)) {
        ended();
      } else {
        log.warn("Changes of {} in its new network namespace are not followed: {}", name(), e.getMessage());
      }
    }
  }

  private void ended() {
    Registration open = reading;
    if (open != null) {
      open.close();
    }
    follower.deleted();
  }

  private boolean isOpen() {
    Registration open = reading;
    return open != null && open.isOpen();
  }

  @Override
  public String name() {
    return follower.name();
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
    log.debug("write {}: {}", name(), Errno.nameOf(error));
  }

  /** Packets that the kernel did not take. */
  public long refusedWrites() {
    return refusedWrites.get();
  }

  /** Failed attempts to read. */
  public long failedReads() {
    return failedReads.get();
  }

  @Override
  public void close() {
    Registration open;
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      open = reading;
    }
    follower.close();
    // Waits for the shard, which may be about to close us too: not under the lock.
    if (open == null) {
      file.close();
    } else {
      open.close();
    }
  }
}
