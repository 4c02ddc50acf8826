package dev.jwg.device;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.noise.LocalStatic;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.AllowedIps;
import dev.jwg.route.IpPrefix;
import dev.jwg.session.IndexTable;
import dev.jwg.session.Session;
import dev.jwg.tun.Tun;
import dev.jwg.udp.Udp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WireGuard interface: its configuration, its peers, and the three paths between a {@link Tun} and a {@link Udp}.
 * Like the kernel's, it listens and speaks only while the interface is up. All methods are called on the control thread.
 */
public final class Device implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Device.class);

  /** An interface that is up tries its taken port again after this time. */
  private static final long BIND_RETRY_NS = 2_000_000_000L;

  /** Hears what becomes of the interface, on the control thread. */
  public interface Listener {
    /** The interface is up and the port bound. */
    void onListening(int port);

    /** The interface is up, but the port could not be bound: nothing passes until {@link #onListening} follows. */
    void onNotListening(IOException reason);

    /** Several initiations to a peer went unanswered; told again with each one more. */
    void onUnreachable(PublicKey peer);

    /** The interface has another name now. */
    void onName(String name);

    /** The interface was deleted from outside; nothing follows. */
    void onDeleted();
  }

  private final Environment environment;
  private final Tun tun;
  private final Udp udp;
  private final Map<PublicKey, Peer> peers = new LinkedHashMap<>();
  private final AllowedIps<Peer> allowedIps = new AllowedIps<>();
  private final DropCounters drops = new DropCounters();
  private final OuterPaths paths;
  private final LongAdder lostCongestionMarks = new LongAdder();
  private final HandshakePath handshakes;
  private final List<SendPath> sendPaths = new ArrayList<>();
  private Optional<PrivateKey> privateKey = Optional.empty();
  private int listenPort;
  private int fwmark;
  private @Nullable Listener listener;
  private final Deadline retryBind;
  private boolean linkUp;

  /** The link is up and the port bound. */
  private boolean up;

  /**
   * Joins both ports; {@link #start} sets packets moving. The ports stay the caller's to close.
   *
   * @param tun with a queue for each shard of the environment
   * @param udp with sockets for each
   */
  public Device(Environment environment, Tun tun, Udp udp) {
    this.environment = environment;
    retryBind = new Deadline(environment, this::bindAgain);
    this.tun = tun;
    this.udp = udp;
    IndexTable<Peer> indices = new IndexTable<>(environment.random());
    paths = new OuterPaths(environment, tun, udp, allowedIps, peers::values);
    handshakes = new HandshakePath(environment, udp, indices, peers::get, paths, drops);
    for (int shard = 0; shard < environment.shards().size(); shard++) {
      Tun.Queue queue = tun.queues().get(shard);
      Udp.Sockets sockets = udp.sockets().get(shard);
      SendPath sendPath = new SendPath(environment, queue, sockets, allowedIps, handshakes, drops);
      queue.listen(sendPath);
      sockets.listen(new ReceivePath(environment, queue, allowedIps, indices, handshakes, sendPath, drops, lostCongestionMarks));
      sendPaths.add(sendPath);
    }
    handshakes.onInitiated(this::keepalive);
  }

  /** That of the first shard. */
  private SendPath firstSendPath() {
    return sendPaths.get(0);
  }

  /** Begins to read packets and to follow the interface's state. */
  public void start(Listener listener) {
    this.listener = listener;
    handshakes.onUnreachable(listener::onUnreachable);
    tun.start(
        new Tun.LinkListener() {
          @Override
          public void onMtu(int mtu) {
            sendPaths.forEach(path -> path.mtu(mtu));
          }

          @Override
          public void onUp() {
            up(listener);
          }

          @Override
          public void onDown() {
            down();
          }

          @Override
          public void onName(String name) {
            listener.onName(name);
          }

          @Override
          public void onDeleted() {
            listener.onDeleted();
          }
        });
  }

  /** A link, an address, a route or a rule of the host changed: datagrams may have to leave by another way. */
  public void pathsChanged() {
    paths.changed();
  }

  public DropCounters drops() {
    return drops;
  }

  /**
   * The link is up. The kernel's module refuses {@code ip link set up} while the port is taken; a TUN cannot. So the
   * interface stays up without sockets, and listens as soon as it can: when a change of the configuration or a retry
   * succeeds.
   */
  private void up(Listener listener) {
    if (up) {
      return;
    }
    linkUp = true;
    bind(listener::onNotListening);
  }

  /** Returns true while the interface is up, but its port is taken. */
  public boolean isWithoutPort() {
    return linkUp && !up;
  }

  private void bindAgain() {
    if (!linkUp || up) {
      return;
    }
    bind(stillRefused -> log.debug("{}", stillRefused.getMessage()));
  }

  private void bind(Consumer<IOException> onRefused) {
    try {
      listenPort = udp.bind(listenPort);
    } catch (IOException refused) {
      onRefused.accept(refused);
      retryBind.set(environment.clock().nanoTime() + BIND_RETRY_NS);
      return;
    }
    listening();
  }

  private void listening() {
    up = true;
    retryBind.clear();
    handshakes.up(true);
    Objects.requireNonNull(listener).onListening(listenPort);
    for (Peer peer : peers.values()) {
      greet(peer);
    }
  }

  /** Sends what the peer may be waiting for. */
  private void greet(Peer peer) {
    if (peer.persistentKeepalive() != 0) {
      keepalive(peer);
    } else {
      sendStaged(peer);
    }
  }

  private void keepalive(Peer peer) {
    environment.firstShard().execute(() -> firstSendPath().keepalive(peer));
  }

  private void sendStaged(Peer peer) {
    environment.firstShard().execute(() -> firstSendPath().sendStaged(peer));
  }

  private void down() {
    linkUp = false;
    retryBind.clear();
    if (!up) {
      return;
    }
    up = false;
    handshakes.up(false);
    udp.unbind();
    for (Peer peer : peers.values()) {
      peer.timers().stopped();
      peer.forgetHandshakeMessageSent(environment.clock().nanoTime());
      forgetSessions(peer);
    }
  }

  private void forgetSessions(Peer peer) {
    handshakes.eraseKeys(peer);
    dropStaged(peer);
  }

  private void dropStaged(Peer peer) {
    environment.whenAllShardsPassed(() -> {}, () -> drops.count(Drop.NO_SESSION, peer.staged().clear()));
  }

  /** Erases all keys. */
  @Override
  public void close() {
    down();
    removeAllPeers();
    privateKey.ifPresent(PrivateKey::close);
    privateKey = Optional.empty();
    handshakes.identify(Optional.empty());
  }

  /**
   * Applies a change as a whole: what can fail comes first, so nothing is changed on error.
   *
   * @throws IOException the listen port is taken, or the mark is refused
   */
  public void apply(DeviceUpdate update) throws IOException {
    int formerMark = fwmark;
    if (update.fwmark().isPresent()) {
      mark(update.fwmark().getAsInt());
    }
    if (update.listenPort().isPresent()) {
      try {
        listen(update.listenPort().getAsInt());
      } catch (IOException refused) {
        mark(formerMark);
        throw refused;
      }
    }
    update.privateKey().ifPresent(this::identify);
    if (update.replacePeers()) {
      removeAllPeers();
    }
    for (PeerUpdate peer : update.peers()) {
      apply(peer);
    }
    if (update.peers().stream().anyMatch(peer -> !peer.allowedIps().isEmpty())) {
      paths.changed(); // endpoints that allowed IPs cover are watched more closely
    }
    bindAgain(); // perhaps a freed port, or a mark that is not refused
  }

  private void mark(int mark) throws IOException {
    if (mark != fwmark) {
      udp.mark(mark);
      fwmark = mark;
      forgetSources();
      paths.marked(mark);
    }
  }

  private void listen(int port) throws IOException {
    if (port == listenPort) {
      return;
    }
    if (linkUp) {
      listenPort = udp.bind(port);
      if (!up) {
        listening();
      }
    } else {
      listenPort = port;
    }
    forgetSources();
  }

  /** Routes may differ now, so the kernel chooses local addresses anew (kernel netlink.c, set_port). */
  private void forgetSources() {
    peers.values().forEach(Peer::forgetSource);
  }

  private void identify(PrivateKey key) {
    Optional<PrivateKey> wanted = key.isZero() ? Optional.empty() : Optional.of(X25519.clamp(key));
    if (privateKey.equals(wanted)) {
      wanted.ifPresent(PrivateKey::close);
      return;
    }
    Optional<PrivateKey> former = privateKey;
    privateKey = wanted;
    Optional<LocalStatic> identity = privateKey.map(LocalStatic::of);
    identity.map(own -> peers.get(own.publicKey())).ifPresent(this::remove);
    handshakes.identify(identity);
    for (Peer peer : peers.values()) {
      handshakes.abandonPending(peer);
      peer.forgetHandshakeMessageSent(environment.clock().nanoTime());
      peer.handshake().identify(identity);
      peer.slots().all().forEach(Session::expireSending);
    }
    former.ifPresent(PrivateKey::close);
  }

  private void apply(PeerUpdate update) {
    Peer peer = peers.get(update.publicKey());
    if (update.remove()) {
      if (peer != null) {
        remove(peer);
      }
      return;
    }
    if (peer == null) {
      boolean ourselves =
          handshakes.identity().map(own -> own.publicKey().equals(update.publicKey())).orElse(false);
      if (update.updateOnly() || ourselves) {
        return;
      }
      peer = add(update.publicKey());
    }
    configure(peer, update);
  }

  private Peer add(PublicKey publicKey) {
    Peer peer = new Peer(publicKey, environment, new TimerActions());
    peer.handshake().identify(handshakes.identity());
    peers.put(publicKey, peer);
    return peer;
  }

  private void configure(Peer peer, PeerUpdate update) {
    update.presharedKey().ifPresent(peer.handshake()::presharedKey);
    update.endpoint().ifPresent(peer::endpoint);
    if (peer.slots().current() != null) {
      paths.reviewIfDue(peer); // data may leave at any time; without a session a handshake message is the first
    }
    if (update.replaceAllowedIps()) {
      removeAllowedIpsBut(added(update), peer);
    }
    for (AllowedIpChange change : update.allowedIps()) {
      apply(peer, change);
    }
    int before = peer.persistentKeepalive();
    update.persistentKeepalive().ifPresent(peer::persistentKeepalive);
    if (up && before == 0 && peer.persistentKeepalive() != 0) {
      keepalive(peer);
    } else if (up) {
      sendStaged(peer);
    }
  }

  private void apply(Peer peer, AllowedIpChange change) {
    IpPrefix prefix = change.prefix();
    if (change.remove()) {
      allowedIps.remove(prefix, peer);
      peer.allowedIps().remove(prefix);
      return;
    }
    Peer before = allowedIps.put(prefix, peer);
    if (before != null) {
      before.allowedIps().remove(prefix);
    }
    peer.allowedIps().add(prefix);
  }

  private static Set<IpPrefix> added(PeerUpdate update) {
    return update.allowedIps().stream()
        .filter(change -> !change.remove())
        .map(AllowedIpChange::prefix)
        .collect(Collectors.toSet());
  }

  /** Those about to be added again stay routed meanwhile: the data shards look at any time. */
  private void removeAllowedIpsBut(Set<IpPrefix> kept, Peer peer) {
    for (IpPrefix prefix : peer.allowedIps()) {
      if (!kept.contains(prefix)) {
        allowedIps.remove(prefix, peer);
      }
    }
    peer.allowedIps().clear();
  }

  private void removeAllPeers() {
    List.copyOf(peers.values()).forEach(this::remove);
  }

  private void remove(Peer peer) {
    peers.remove(peer.publicKey());
    removeAllowedIpsBut(Set.of(), peer);
    peer.markRemoved();
    forgetSessions(peer);
    peer.handshake().erase();
  }

  /** The whole configuration and each peer's state; private keys included, so not for logs. */
  public DeviceState state() {
    List<DeviceState.PeerState> states = new ArrayList<>(peers.size());
    for (Peer peer : peers.values()) {
      states.add(
          new DeviceState.PeerState(
              peer.publicKey(),
              peer.handshake().configuredPresharedKey(),
              Optional.ofNullable(peer.endpoint()),
              peer.handshake().lastCompleted(),
              peer.receivedBytes(),
              peer.sentBytes(),
              peer.persistentKeepalive(),
              List.copyOf(peer.allowedIps())));
    }
    return new DeviceState(privateKey, listenPort, fwmark, states);
  }

  /** What the device did so far and holds now: what metrics ask for. */
  public DeviceStatistics statistics() {
    List<DeviceStatistics.PeerStatistics> statistics = new ArrayList<>(peers.size());
    int staged = 0;
    for (Peer peer : peers.values()) {
      staged += peer.staged().count();
      statistics.add(
          new DeviceStatistics.PeerStatistics(
              peer.publicKey(),
              List.copyOf(peer.allowedIps()),
              peer.handshake().lastCompleted(),
              new DeviceStatistics.Traffic(peer.receivedMessages(), peer.receivedBytes()),
              new DeviceStatistics.Traffic(peer.sentMessages(), peer.sentBytes()),
              peer.handshake().counts()));
    }
    return new DeviceStatistics(
        up, privateKey.isPresent(), handshakes.queued(), staged, lostCongestionMarks.sum(), statistics);
  }

  private final class TimerActions implements PeerTimers.Actions {
    @Override
    public void initiate(Peer peer, boolean isRetry) {
      if (isRetry) {
        handshakes.retry(peer);
      } else {
        handshakes.initiate(peer);
      }
    }

    @Override
    public void giveUp(Peer peer) {
      log.debug("peer {}: handshake given up until there is something to send", peer);
      dropStaged(peer);
    }

    @Override
    public void sendKeepalive(Peer peer) {
      keepalive(peer);
    }

    @Override
    public void eraseKeys(Peer peer) {
      handshakes.eraseKeys(peer);
    }
  }
}
