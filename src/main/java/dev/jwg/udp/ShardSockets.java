package dev.jwg.udp;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Errno;
import dev.jwg.linux.Registration;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that one data shard's loop reads and writes. */
final class ShardSockets implements Udp.Sockets {
  private static final Logger log = LoggerFactory.getLogger(ShardSockets.class);

  /** Messages per family and wake-up, so that the TUN device gets its turn. */
  private static final int MESSAGES = 64;

  /** The most datagrams that the kernel merges into a message: UDP_GRO_CNT_MAX of its net/ipv4/udp_offload.c. */
  private static final int MERGED = 64;

  /** Room for two messages of full size. */
  private static final int SLOTS = 2 * MERGED;

  private static final int BATCH_SIZE = Batch.capacityFor(SLOTS, 2 * Batch.MAX_LENGTH);

  private final EpollLoop shard;
  private final Batch received = new Batch(BATCH_SIZE, SLOTS);
  private final DatagramReader reader = new DatagramReader(Batch.MAX_LENGTH);
  private final DatagramSender sender = new DatagramSender();
  private final AtomicLong failedReceives = new AtomicLong();

  // The shard may use an old pair until its sockets are closed, which happens on the shard.
  private volatile SocketPair sockets = SocketPair.UNBOUND;
  private List<Registration> registrations = List.of();
  private Udp.@Nullable DatagramListener listener;

  ShardSockets(EpollLoop shard) {
    this.shard = shard;
  }

  @Override
  public void listen(Udp.DatagramListener datagrams) {
    listener = datagrams;
  }

  /**
   * Reads and writes another pair's sockets from now on.
   *
   * @return what is to be closed now
   */
  List<Registration> replace(SocketPair fresh) {
    List<Registration> old = registrations;
    registrations = register(fresh);
    sockets = fresh;
    return old;
  }

  private List<Registration> register(SocketPair pair) {
    List<Registration> fresh = new ArrayList<>();
    for (Family family : Family.values()) {
      int fd = pair.fd(family);
      if (fd != SocketPair.ABSENT) {
        fresh.add(shard.register(fd, () -> receive(fd, family)));
      }
    }
    return fresh;
  }

  void mark(int mark) throws SystemCallException {
    for (Registration registration : registrations) {
      UdpSocket.mark(registration.fd(), mark);
    }
  }

  private void receive(int fd, Family family) {
    received.clear();
    for (int i = 0; i < MESSAGES && received.hasRoom(MERGED, Batch.MAX_LENGTH); i++) {
      int error = reader.receive(fd, family);
      if (error == Errno.EAGAIN.number()) {
        break;
      }
      if (error != 0) {
        // An ICMP error about an earlier datagram of ours, or no memory: says nothing about the datagrams behind it.
        failedReceives.incrementAndGet();
        log.debug("recvmsg: {}", Errno.nameOf(error));
        continue;
      }
      while (!reader.moveTo(received)) {
        // A sender on this machine can merge more, and none of them goes over a wire that would limit it.
        deliver();
        received.clear();
      }
    }
    deliver();
  }

  private void deliver() {
    Udp.DatagramListener hears = listener;
    if (!received.isEmpty() && hears != null) {
      hears.onDatagrams(received);
    }
  }

  @Override
  public boolean send(Batch datagrams, int from, int to, Endpoint endpoint) {
    return sender.send(sockets, datagrams, from, to, endpoint);
  }

  long refusedSends() {
    return sender.refused();
  }

  long failedReceives() {
    return failedReceives.get();
  }
}
