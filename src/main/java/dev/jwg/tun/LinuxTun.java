package dev.jwg.tun;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
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

  /** Packets per wake-up, so that the UDP sockets get their turn. */
  private static final int SLOTS = 64;

  /** Room for as many of an Ethernet frame's size, and always for one of the largest. */
  private static final int BATCH_SIZE =
      SLOTS * (Batch.HEADROOM + 1500 + Batch.TAILROOM) + Batch.HEADROOM + Batch.MAX_LENGTH + Batch.TAILROOM;

  private final TunFile file;
  private final EpollLoop shard;
  private final Batch batch = new Batch(BATCH_SIZE, SLOTS);
  private final NativeMemory readBuffer = new NativeMemory(Batch.MAX_LENGTH);
  private final NativeMemory writeBuffer = new NativeMemory(Batch.MAX_LENGTH);
  private final AtomicLong refusedWrites = new AtomicLong();
  private final AtomicLong failedReads = new AtomicLong();
  private final LinkFollower follower;

  /** Absent before the start, when nothing is written either. */
  private volatile @Nullable Registration reading;

  private boolean isClosed;

  private LinuxTun(TunFile file, String name, EpollLoop shard, EpollLoop control) throws IOException {
    this.file = file;
    this.shard = shard;
    follower = new LinkFollower(name, control, () -> shard.execute(this::locate));
  }

  /**
   * Creates the interface, or attaches to a persistent one that we may use.
   *
   * @param mtu the MTU to set; 0 for {@link #DEFAULT_MTU} on a new interface and no change to a persistent one
   * @param shard whose thread reads and writes packets
   * @param control whose thread hears what is done to the interface
   */
  public static LinuxTun open(String name, int mtu, EpollLoop shard, EpollLoop control) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("interface name \"" + name + "\": 1 to 15 of the characters a-z A-Z 0-9 _ = + . -");
    }
    TunFile file = TunFile.open(name);
    try {
      setMtu(file, name, mtu);
      return new LinuxTun(file, name, shard, control);
    } catch (IOException e) {
      Libc.close(file.fd());
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
    reading = shard.register(file.fd(), () -> read(packets));
    follower.start();
  }

  private void read(PacketListener packets) {
    batch.clear();
    int error = 0;
    while (error == 0 && batch.hasRoom(Batch.MAX_LENGTH)) {
      error = readOne();
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

  private int readOne() {
    int length = (int) Libc.read(file.fd(), readBuffer.address(0), Batch.MAX_LENGTH);
    if (length < 0) {
      return Libc.errno();
    }
    readBuffer.copyOut(0, batch.bytes(), batch.append(length), length);
    return 0;
  }

  @Override
  public String name() {
    return follower.name();
  }

  @Override
  public void write(Batch packets, int from, int to) {
    if (!isOpen()) {
      return;
    }
    for (int slot = from; slot < to; slot++) {
      int length = packets.length(slot);
      writeBuffer.copyIn(0, packets.bytes(), packets.offset(slot), length);
      if (Libc.write(file.fd(), writeBuffer.address(0), length) < 0) {
        // EIO: the interface is down; EINVAL: not an IP packet; ENOBUFS, EAGAIN: no memory.
        refusedWrites.incrementAndGet();
        log.debug("write {}: {}", name(), Errno.nameOf(Libc.errno()));
      }
    }
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
      Libc.close(file.fd());
    } else {
      open.close();
    }
  }
}
