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

  /** Datagrams per family and wake-up, so that the TUN device gets its turn. */
  private static final int SLOTS = 64;

  /** Room for as many of an Ethernet frame's size, and always for one of the largest. */
  private static final int BATCH_SIZE =
      SLOTS * (Batch.HEADROOM + 1500 + Batch.TAILROOM) + Batch.HEADROOM + Batch.MAX_LENGTH + Batch.TAILROOM;

  private static final SocketPair UNBOUND = new SocketPair(0, SocketPair.ABSENT, SocketPair.ABSENT);

  private final EpollLoop shard;
  private final Batch received = new Batch(BATCH_SIZE, SLOTS);
  private final DatagramReader reader = new DatagramReader();
  private final DatagramWriter shardWriter = new DatagramWriter();
  private final AtomicLong refusedSends = new AtomicLong();
  private final AtomicLong failedReceives = new AtomicLong();

  /** Guards {@link #messageWriter}, and keeps the sockets it uses from being closed meanwhile. */
  private final Object messages = new Object();

  private final DatagramWriter messageWriter = new DatagramWriter();

  // The shard may use an old pair until its sockets are closed, which happens on the shard.
  private volatile SocketPair sockets = UNBOUND;
  private List<Registration> registrations = List.of();
  private int fwmark;
  private @Nullable DatagramListener listener;

  public LinuxUdp(EpollLoop shard) {
    this.shard = shard;
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
    SocketPair fresh = SocketPair.open(port, fwmark);
    replace(fresh, register(fresh));
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
    for (int i = 0; i < SLOTS && received.hasRoom(Batch.MAX_LENGTH); i++) {
      int error = reader.read(fd, family, received);
      if (error == Errno.EAGAIN.number()) {
        break;
      }
      if (error != 0) {
        // An ICMP error about an earlier datagram of ours, or no memory: says nothing about the datagrams behind it.
        failedReceives.incrementAndGet();
        log.debug("recvmsg: {}", Errno.nameOf(error));
      }
    }
    DatagramListener hears = listener;
    if (!received.isEmpty() && hears != null) {
      hears.onDatagrams(received);
    }
  }

  @Override
  public boolean send(Batch datagrams, int from, int to, Endpoint endpoint) {
    int fd = sockets.fd(Family.of(endpoint.address().isV6()));
    shardWriter.aim(endpoint);
    boolean sourceHeld = true;
    for (int slot = from; slot < to; slot++) {
      int length = datagrams.length(slot);
      sourceHeld &= send(shardWriter, fd, datagrams.bytes(), datagrams.offset(slot), length, datagrams.tos(slot));
    }
    return sourceHeld;
  }

  @Override
  public boolean sendMessage(byte[] message, int tos, Endpoint endpoint) {
    synchronized (messages) {
      int fd = sockets.fd(Family.of(endpoint.address().isV6()));
      messageWriter.aim(endpoint);
      return send(messageWriter, fd, message, 0, message.length, tos);
    }
  }

  /** Returns false if the datagram left, but not from the endpoint's source; the writer then goes on without. */
  private boolean send(DatagramWriter writer, int fd, byte[] bytes, int offset, int length, int tos) {
    if (fd == SocketPair.ABSENT) {
      refusedSends.incrementAndGet();
      return true;
    }
    int error = writer.send(fd, bytes, offset, length, tos);
    boolean sourceLost = isSourceLost(error) && writer.usesSource();
    if (sourceLost) {
      writer.dropSource();
      error = writer.resend(fd, tos);
    }
    if (error != 0) {
      refusedSends.incrementAndGet();
      log.debug("sendmsg: {}", Errno.nameOf(error));
    }
    return !sourceLost || error != 0;
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

  /** Datagrams that the kernel did not take, or that there was no socket for. */
  public long refusedSends() {
    return refusedSends.get();
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
