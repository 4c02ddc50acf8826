package dev.jwg.tun;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.SystemCallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TUN device of {@code /dev/net/tun}. */
public final class LinuxTun implements Tun {
  private static final Logger log = LoggerFactory.getLogger(LinuxTun.class);

  /** Leaves room for WireGuard over IPv6 on Ethernet: 1500 - 40 - 8 - 32. */
  public static final int DEFAULT_MTU = 1420;

  /** What wg-quick(8) and the kernel both accept. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_=+.-]{1,15}");

  /** Any queue's serves to ask about the interface. */
  private final TunFile file;

  private final List<TunQueue> queues = new ArrayList<>();
  private final LinkFollower follower;
  private boolean isStarted;
  private boolean isClosed;

  private LinuxTun(List<TunFile> files, String name, List<EpollLoop> shards, EpollLoop control) throws IOException {
    file = files.get(0);
    EpollLoop shard = shards.get(0);
    follower = new LinkFollower(name, !file.isPersistent(), control, () -> shard.execute(this::locate));
    Merging merging = new Merging(file.offload());
    for (int i = 0; i < files.size(); i++) {
      queues.add(new TunQueue(files.get(i), shards.get(i), merging));
    }
  }

  /**
   * Creates the interface, or attaches to a persistent one that we may use.
   *
   * @param mtu the MTU to set; 0 for {@link #DEFAULT_MTU} on a new interface and no change to a persistent one
   * @param offload true to pass many packets of a flow in one system call where the kernel can
   * @param queues how many queues to read and write packets on; a persistent interface that was made for one has one
   * @param shards gives, when it is known how many queues there are, the loop of each one's thread
   * @param control whose thread hears what is done to the interface
   */
  public static LinuxTun open(
      String name, int mtu, boolean offload, int queues, IntFunction<List<EpollLoop>> shards, EpollLoop control)
      throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("interface name \"" + name + "\": 1 to 15 of the characters a-z A-Z 0-9 _ = + . -");
    }
    List<TunFile> files = TunFile.open(name, offload, queues);
    try {
      quieten(files.get(0), name);
      setMtu(files.get(0), name, mtu);
      log.info("TUN segmentation offload is {}", files.get(0).offload());
      if (files.size() < queues) {
        log.info("{} was made without multi_queue: it has one queue, not {}", name, queues);
      }
      return new LinuxTun(files, name, shards.apply(files.size()), control);
    } catch (IOException e) {
      files.forEach(TunFile::close);
      throw e;
    }
  }

  /** Keeps a new interface quiet from before it can be set up. A persistent one stays as its maker chose. */
  private static void quieten(TunFile file, String name) throws IOException {
    if (!file.isPersistent()) {
      try (QuietLink link = QuietLink.open(name)) {
        link.disableMulticast();
        // Already here: the MTU to be set may be too small for IPv6.
        link.disableAddressGeneration();
      }
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
  public List<? extends Queue> queues() {
    return queues;
  }

  @Override
  public synchronized void start(LinkListener link) {
    if (isStarted || isClosed) {
      throw new IllegalStateException("a TUN device starts once");
    }
    isStarted = true;
    follower.listen(link);
    queues.forEach(queue -> queue.start(() -> ended(queue)));
    follower.start();
  }

  /** Netlink says that the interface has left its namespace: deleted or moved? */
  private void locate() {
    TunQueue queue = queues.get(0);
    if (!queue.isOpen()) {
      return;
    }
    try {
      follower.follow(file.name(), file.openNamespace());
    } catch (SystemCallException e) {
      if (e.is(Errno.EBADFD)) {
        ended(queue);
      } else {
        log.warn("Changes of {} in its new network namespace are not followed: {}", name(), e.getMessage());
      }
    }
  }

  /** Each queue finds out by itself, on its own thread. */
  private void ended(TunQueue queue) {
    queue.close();
    follower.deleted();
  }

  @Override
  public String name() {
    return follower.name();
  }

  @Override
  public int interfaceIndex() {
    return follower.interfaceIndex();
  }

  /** Packets that the kernel did not take. */
  public long refusedWrites() {
    return queues.stream().mapToLong(TunQueue::refusedWrites).sum();
  }

  /** Failed attempts to read. */
  public long failedReads() {
    return queues.stream().mapToLong(TunQueue::failedReads).sum();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    follower.close();
    // Waits for the shards, which may be about to close their queues too: not under the lock.
    queues.forEach(TunQueue::close);
  }
}
