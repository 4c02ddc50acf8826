package dev.jwg.udp;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Registration;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Endpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listen port on sockets of its own, of which each data shard has a pair. */
public final class LinuxUdp implements Udp {
  private static final Logger log = LoggerFactory.getLogger(LinuxUdp.class);

  private final List<ShardSockets> shards;
  private final UdpOffloads offloads;

  /** Guards {@link #messageSender}, and keeps the sockets it uses from being closed meanwhile. */
  private final Object messages = new Object();

  private final DatagramSender messageSender = new DatagramSender();

  /** Those of the first shard. */
  private SocketPair messageSockets = SocketPair.UNBOUND;

  private int fwmark;

  /** Opened by the first question. */
  private @Nullable RouteLookup routes;

  /** A port on the shards' loops that uses, of the offloads named, those that the kernel offers. */
  public LinuxUdp(List<EpollLoop> shards, UdpOffloads offloads) {
    this.shards = shards.stream().map(ShardSockets::new).toList();
    this.offloads = offloads;
  }

  @Override
  public List<? extends Sockets> sockets() {
    return shards;
  }

  @Override
  public synchronized int bind(int port) throws SystemCallException {
    int present = messageSockets.port();
    if (port != 0 && present == port) {
      return port;
    }
    List<SocketPair> fresh = SocketPair.open(shards.size(), port, fwmark, offloads);
    replace(fresh);
    log.info("{}", fresh.get(0).offloads());
    return fresh.get(0).port();
  }

  private void replace(List<SocketPair> fresh) {
    List<Registration> old = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      old.addAll(shards.get(i).replace(fresh.get(i)));
    }
    synchronized (messages) {
      messageSockets = fresh.get(0);
    }
    old.forEach(Registration::close);
  }

  @Override
  public synchronized void unbind() {
    replace(Collections.nCopies(shards.size(), SocketPair.UNBOUND));
  }

  @Override
  public synchronized void mark(int mark) throws SystemCallException {
    for (ShardSockets shard : shards) {
      shard.mark(mark);
    }
    fwmark = mark;
  }

  @Override
  public boolean sendMessage(byte[] message, int tos, Endpoint endpoint) {
    synchronized (messages) {
      return messageSender.send(messageSockets, message, tos, endpoint);
    }
  }

  @Override
  public synchronized Optional<OuterPath> path(Endpoint endpoint) throws IOException {
    return routes().path(endpoint, messageSockets.port(), fwmark);
  }

  @Override
  public synchronized Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint)
      throws IOException {
    return routes().pathAround(avoided, preferred, endpoint, messageSockets.port(), fwmark);
  }

  private RouteLookup routes() throws IOException {
    if (routes == null) {
      routes = new RouteLookup();
    }
    return routes;
  }

  /** Datagrams that the kernel did not take, or that there was no socket for. */
  public long refusedSends() {
    return messageSender.refused() + shards.stream().mapToLong(ShardSockets::refusedSends).sum();
  }

  /** Failed attempts to receive. */
  public long failedReceives() {
    return shards.stream().mapToLong(ShardSockets::failedReceives).sum();
  }

  @Override
  public synchronized void close() {
    unbind();
    if (routes != null) {
      routes.close();
      routes = null;
    }
  }
}
