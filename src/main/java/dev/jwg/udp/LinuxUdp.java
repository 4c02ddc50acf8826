package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.linux.EpollLoop;
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

/** The listen port on sockets of its own, read and written on a data shard's loop. */
public final class LinuxUdp implements Udp {
  private static final Logger log = LoggerFactory.getLogger(LinuxUdp.class);

  /** Messages per family and wake-up, so that the TUN device gets its turn. */
  private static final int MESSAGES = 64;

  /** The most datagrams that the kernel merges into a message: UDP_GRO_CNT_MAX of its net/ipv4/udp_offload.c. */
  private static final int MERGED = 64;

  /** Room for two messages of full size. */
  private static final int SLOTS = 2 * MERGED;

  private static final int BATCH_SIZE = Batch.capacityFor(SLOTS, 2 * Batch.MAX_LENGTH);

  private static final SocketPair UNBOUND =
      new SocketPair(0, SocketPair.ABSENT, SocketPair.ABSENT, new UdpOffloads(false, false));

  private final EpollLoop shard;
  private final Batch received = new Batch(BATCH_SIZE, SLOTS);
  private final UdpOffloads offloads;
  private final DatagramReader reader = new DatagramReader(Batch.MAX_LENGTH);
  private final DatagramSender shardSender = new DatagramSender();
  private final AtomicLong failedReceives = new AtomicLong();

  /** Guards {@link #messageSender}, and keeps the sockets it uses from being closed meanwhile. */
  private final Object messages = new Object();

  private final DatagramSender messageSender = new DatagramSender();

  // The shard may use an old pair until its sockets are closed, which happens on the shard.
  private volatile SocketPair sockets = UNBOUND;
  private List<Registration> registrations = List.of();
  private int fwmark;
  private @Nullable DatagramListener listener;

  /** A port on a shard's loop that uses, of the offloads named, those that the kernel offers. */
  public LinuxUdp(EpollLoop shard, UdpOffloads offloads) {
    this.shard = shard;
    this.offloads = offloads;
  }

  @Override
  public void listen(DatagramListener datagrams) {
    listener = datagrams;
  }

  @Override
  public synchronized int bind(int port) throws SystemCallException {
    SocketPair present = sockets;
    if (port != 0 && present.port() == port) {
      return port;
    }
    SocketPair fresh = SocketPair.open(port, fwmark, offloads);
    replace(fresh, register(fresh));
    log.info("{}", fresh.offloads());
    return fresh.port();
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

  private void replace(SocketPair fresh, List<Registration> watched) {
    List<Registration> old = registrations;
    registrations = watched;
    synchronized (messages) {
      sockets = fresh;
    }
    old.forEach(Registration::close);
  }

  @Override
  public synchronized void unbind() {
    replace(UNBOUND, List.of());
  }

  @Override
  public synchronized void mark(int mark) throws SystemCallException {
    for (Registration registration : registrations) {
      UdpSocket.mark(registration.fd(), mark);
    }
    fwmark = mark;
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
    DatagramListener hears = listener;
    if (!received.isEmpty() && hears != null) {
      hears.onDatagrams(received);
    }
  }

  @Override
  public boolean send(Batch datagrams, int from, int to, Endpoint endpoint) {
    return shardSender.send(sockets, datagrams, from, to, endpoint);
  }

  @Override
  public boolean sendMessage(byte[] message, int tos, Endpoint endpoint) {
    synchronized (messages) {
      return messageSender.send(sockets, message, tos, endpoint);
    }
  }

  /** Datagrams that the kernel did not take, or that there was no socket for. */
  public long refusedSends() {
    return shardSender.refused() + messageSender.refused();
  }

  /** Failed attempts to receive. */
  public long failedReceives() {
    return failedReceives.get();
  }

  @Override
  public void close() {
    unbind();
  }
}
