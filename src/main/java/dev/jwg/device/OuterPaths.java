package dev.jwg.device;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIps;
import dev.jwg.tun.Tun;
import dev.jwg.udp.OuterPath;
import dev.jwg.udp.Udp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the datagrams of all peers on the way that the host's routing gives them. Control thread.
 *
 * <p>Datagrams follow the routing table by themselves, since they name no interface. What has to be looked after is the
 * source address. The kernel's module (socket.c, send4) looks the route up with the source that the peer contacted, and
 * forgets the source when the route leads out of another interface than the peer's datagram came in by. That loses the
 * called address where the way back is another than the way in. So the interface remembered here is not the one of
 * arrival: it is the one that the routing gave datagrams from this source when the source was learnt. An answer then
 * leaves from the address that was called, wherever the way back leads, and when that way changes the source is forgotten
 * as the kernel forgets it. A peer that goes on naming the former address does not bring it back.
 *
 * <p>Where the routing leads into our own interface, datagrams keep to another one by name. Peers whose endpoint our
 * allowed IPs cover are kept to an interface beforehand, so that not one datagram enters when such a route appears.
 */
final class OuterPaths {
  private static final Logger log = LoggerFactory.getLogger(OuterPaths.class);

  /**
   * The first change is acted on at once, those in this time together at its end: a routing daemon changes thousands of
   * routes in a row.
   */
  private static final long PAUSE_NS = 100_000_000;

  /** Reviews take at most this share of the control thread's time. */
  private static final int SHARE = 10;

  /** Peers reviewed before the control thread's other work gets its turn; each takes some ten microseconds. */
  private static final int TURN = 64;

  private final Environment environment;
  private final Tun tun;
  private final Udp udp;
  private final AllowedIps<Peer> allowedIps;
  private final Supplier<Collection<Peer>> peers;
  private int fwmark;
  private boolean isPausing;
  private boolean isChanged;
  private boolean isUnknownTold;

  OuterPaths(
      Environment environment,
      Tun tun,
      Udp udp,
      AllowedIps<Peer> allowedIps,
      Supplier<Collection<Peer>> peers) {
    this.environment = environment;
    this.tun = tun;
    this.udp = udp;
    this.allowedIps = allowedIps;
    this.peers = peers;
  }

  /** Something changed that decides where datagrams leave. */
  void changed() {
    if (isPausing) {
      isChanged = true;
      return;
    }
    isPausing = true;
    isChanged = false;
    review(List.copyOf(peers.get()).iterator(), environment.clock().nanoTime());
  }

  private void review(Iterator<Peer> left, long sinceNs) {
    for (int i = 0; i < TURN && left.hasNext(); i++) {
      Peer peer = left.next();
      // A peer that is due has sent nothing on this path yet, or its review waits in the queue.
      if (!peer.isPathReviewDue()) {
        review(peer);
      }
    }
    if (left.hasNext()) {
      environment.control().execute(() -> review(left, sinceNs));
      return;
    }
    long nowNs = environment.clock().nanoTime();
    environment.timer().schedule(nowNs + Math.max(PAUSE_NS, SHARE * (nowNs - sinceNs)), this::pauseEnded);
  }

  private void pauseEnded() {
    isPausing = false;
    if (isChanged) {
      changed();
    }
  }

  /** The mark was changed, which rules select by: all paths are others now. */
  void marked(int mark) {
    fwmark = mark;
    for (Peer peer : peers.get()) {
      if (!peer.isPathReviewDue()) {
        review(peer);
      }
    }
  }

  /** Reviews the peer's path if its endpoint or source changed; called before a handshake message is sent. */
  void reviewIfDue(Peer peer) {
    if (peer.takePathReview()) {
      review(peer);
    }
  }

  private void review(Peer peer) {
    Endpoint told = peer.toldEndpoint();
    if (told == null) {
      return;
    }
    if (told.scopeId() != 0) {
      peer.steer(Steering.BY_TABLE); // a link-local address is on its link
      return;
    }
    try {
      Steering steering = new Review(peer, told).steering();
      log.debug("peer {} at {}: told source {}, {}", peer, told, told.source(), steering);
      peer.steer(steering);
    } catch (IOException e) {
      if (!isUnknownTold) {
        isUnknownTold = true;
        log.warn("Source addresses do not follow the routing table: {}", e.getMessage());
      }
    }
  }

  /** One look at one peer's path. */
  private final class Review {
    private final Peer peer;
    private final Endpoint told;
    private final PeerPath path;
    private final List<IpAddress> refused = new ArrayList<>();
    private boolean isLoop;

    /** The way without a source; asked for once, where it is needed. */
    private Optional<Optional<OuterPath>> free = Optional.empty();

    Review(Peer peer, Endpoint told) {
      this.peer = peer;
      this.told = told;
      this.path = peer.path();
    }

    Steering steering() throws IOException {
      path.towards(told.address());
      Optional<OuterPath> taken = Optional.empty();
      boolean isFromSource = told.source().hasAddress();
      if (isFromSource && !path.exits().containsKey(told.source().address())) {
        path.exit(told.source().address(), PeerPath.UNKNOWN);
      }
      for (Map.Entry<IpAddress, Integer> known : path.exits().entrySet()) {
        Optional<OuterPath> from = lookUp(from(known.getKey()));
        if (!holds(known.getKey(), known.getValue(), from)) {
          refused.add(known.getKey());
        } else if (isFromSource && known.getKey().equals(told.source().address())) {
          taken = from;
        }
      }
      if (taken.isEmpty()) {
        taken = free();
        taken.ifPresent(way -> path.exit(way.source(), way.interfaceIndex()));
      }
      return new Steering(refused, exit(taken));
    }

    /** Returns true if datagrams may leave from a source, and notes the interface that they leave by. */
    private boolean holds(IpAddress source, int exit, Optional<OuterPath> from) throws IOException {
      if (from.isPresent()) {
        int now = from.get().interfaceIndex();
        if (exit == PeerPath.UNKNOWN) {
          path.exit(source, now);
        }
        if (exit == PeerPath.UNKNOWN || exit == now) {
          return true;
        }
      }
      Optional<OuterPath> chosen = free();
      if (chosen.isEmpty()) {
        return true; // there is no better one
      }
      if (from.isPresent() && chosen.get().equals(new OuterPath(from.get().interfaceIndex(), source))) {
        path.exit(source, chosen.get().interfaceIndex()); // it is what the kernel would choose
        return true;
      }
      return false;
    }

    private Endpoint from(IpAddress source) {
      return new Endpoint(told.address(), told.port(), 0, new Endpoint.Source(source, 0));
    }

    private Optional<OuterPath> free() throws IOException {
      if (free.isEmpty()) {
        free = Optional.of(lookUp(told.withoutSource()));
      }
      return free.get();
    }

    /** The way of datagrams; another than the routing's own where that leads into our interface. */
    private Optional<OuterPath> lookUp(Endpoint endpoint) throws IOException {
      Optional<OuterPath> way = udp.path(endpoint);
      int own = tun.interfaceIndex();
      if (own == 0 || way.isEmpty() || way.get().interfaceIndex() != own) {
        return way;
      }
      isLoop = true;
      return udp.pathAround(own, path.exit(), endpoint);
    }

    private int exit(Optional<OuterPath> taken) {
      taken.ifPresent(way -> path.exit(way.interfaceIndex()));
      boolean mayLoop = fwmark == 0 && tun.interfaceIndex() != 0 && allowedIps.lookup(told.address()) != null;
      if (!isLoop && !mayLoop) {
        path.cutOff(false);
        return 0;
      }
      if (path.cutOff(isLoop && taken.isEmpty())) {
        log.warn(
            "peer {} at {}: its only route leads into {} itself, nothing is sent until another one appears",
            peer,
            told,
            tun.name());
      }
      return isLoop && taken.isEmpty() ? Endpoint.Source.NOWHERE : path.exit();
    }
  }
}
