package dev.jwg.device;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.noise.CookieChecker;
import dev.jwg.noise.HandshakeLimiter;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.noise.Tai64n;
import dev.jwg.noise.TransportKeys;
import dev.jwg.protocol.CookieReply;
import dev.jwg.protocol.Initiation;
import dev.jwg.protocol.Limits;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import dev.jwg.protocol.Response;
import dev.jwg.session.IndexTable;
import dev.jwg.session.Session;
import dev.jwg.session.SessionSlots;
import dev.jwg.udp.Udp;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handshakes, on the control thread, so that no flood of them delays a packet:
 *
 * <pre>
 * shard: offer ─ queue ─→ consume → mac1 → (under load: mac2, limiter) ─┬→ initiation → respond
 *                                                                       ├→ response → begin
 * shard: request, timers ─→ initiate → Udp.sendMessage                  └→ cookie reply
 * </pre>
 */
final class HandshakePath {
  private static final Logger log = LoggerFactory.getLogger(HandshakePath.class);

  /** DSCP AF41 and ECT(0), as the kernel marks handshakes (messages.h, HANDSHAKE_DSCP). */
  static final int TOS = 0x88;

  /** Messages consumed before timers and configuration get their turn; each costs up to a third of a millisecond. */
  private static final int TURN = 16;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Received(MessageType type, byte[] message, Endpoint from) {}

  private final Environment environment;
  private final Udp udp;
  private final IndexTable<Peer> indices;
  private final Function<PublicKey, @Nullable Peer> peers;
  private final DropCounters drops;
  private final OuterPaths paths;
  private final Queue<Received> queue = new ArrayBlockingQueue<>((int) Limits.HANDSHAKE_QUEUE);
  private final AtomicBoolean consuming = new AtomicBoolean();
  private final HandshakeLimiter limiter = new HandshakeLimiter();
  private final LoadGauge load;
  private final HandshakeTime time;
  private Consumer<Peer> onInitiated = peer -> {};
  private Consumer<PublicKey> onUnreachable = peer -> {};
  private boolean up;
  private Optional<LocalStatic> local = Optional.empty();
  private Optional<CookieChecker> checker = Optional.empty();

  HandshakePath(
      Environment environment,
      Udp udp,
      IndexTable<Peer> indices,
      Function<PublicKey, @Nullable Peer> peers,
      OuterPaths paths,
      DropCounters drops) {
    this.environment = environment;
    this.udp = udp;
    this.indices = indices;
    this.peers = peers;
    this.paths = paths;
    this.drops = drops;
    this.load = new LoadGauge(environment.clock().nanoTime());
    this.time = new HandshakeTime(environment.clock());
  }

  /** Names who has the first message of a session of ours sent: the peer waits for it. */
  void onInitiated(Consumer<Peer> listener) {
    onInitiated = listener;
  }

  /** Names who hears, with each initiation, of a peer that has not answered several. */
  void onUnreachable(Consumer<PublicKey> listener) {
    onUnreachable = listener;
  }

  /** Says whether the interface is up: while it is not, no handshake is begun or answered. */
  void up(boolean whether) {
    up = whether;
  }

  /** Sets or takes away our own key pair. */
  void identify(Optional<LocalStatic> identity) {
    local = identity;
    checker = identity.map(own -> new CookieChecker(own.publicKey(), environment.random()));
  }

  Optional<LocalStatic> identity() {
    return local;
  }

  /** How many messages wait to be consumed; from any thread. */
  int queued() {
    return queue.size();
  }

  // ---- On any data shard's thread.

  /** Queues a handshake message. */
  void offer(MessageType type, Batch datagrams, int slot) {
    int offset = datagrams.offset(slot);
    byte[] message = Arrays.copyOfRange(datagrams.bytes(), offset, offset + datagrams.length(slot));
    if (!queue.offer(new Received(type, message, datagrams.remote(slot)))) {
      drops.count(Drop.HANDSHAKE_QUEUE_FULL);
    } else if (consuming.compareAndSet(false, true)) {
      environment.control().execute(this::consumeQueue);
    }
  }

  /** Follows the peer to where an authenticated message came from. */
  void roam(Peer peer, Endpoint from) {
    if (peer.roamTo(from)) {
      environment.control().execute(() -> paths.reviewIfDue(peer));
    }
  }

  /** Asks for a new session. Cheap enough to be called for every batch that lacks one. */
  void request(Peer peer, long nowNs) {
    peer.timers().attemptBegun(nowNs);
    if (peer.mayInitiate(nowNs) && peer.requestHandshake()) {
      environment.control().execute(() -> serveRequest(peer));
    }
  }

  private void serveRequest(Peer peer) {
    peer.handshakeRequestServed();
    initiate(peer);
  }

  /**
   * The initiator has proven that it has the next session's keys: use them.
   *
   * @return false if it is not the next session any more, perhaps since another shard had a message on it, too
   */
  boolean confirm(Peer peer, Session session) {
    SessionSlots waiting = peer.slots();
    SessionSlots confirmed = waiting.confirmed();
    if (waiting.next() != session || !peer.replaceSlots(waiting, confirmed)) {
      return false;
    }
    retire(waiting.goneIn(confirmed));
    peer.timers().handshakeCompleted();
    peer.sessionConfirmed();
    environment.control().execute(() -> completed(peer, HandshakeRole.RESPONDER));
    return true;
  }

  // ---- On the control thread.

  private void consumeQueue() {
    for (int i = 0; i < TURN; i++) {
      Received received = queue.poll();
      if (received == null) {
        consuming.set(false);
        // A message offered between the two lines above found us still consuming.
        if (queue.isEmpty() || !consuming.compareAndSet(false, true)) {
          return;
        }
      } else {
        load.queued(queue.size() + 1, environment.clock().nanoTime());
        consume(received);
      }
    }
    environment.control().execute(this::consumeQueue);
  }

  private void consume(Received received) {
    long nowNs = environment.clock().nanoTime();
    if (!up) {
      drop(Drop.INTERFACE_DOWN, received); // it was queued before
    } else if (local.isEmpty() || checker.isEmpty()) {
      drop(Drop.NO_PRIVATE_KEY, received);
    } else if (received.type == MessageType.COOKIE_REPLY) {
      consumeCookieReply(received);
    } else if (!checker.get().checkMac1(received.message)) {
      drop(Drop.BAD_MAC1, received);
    } else if (admitted(received, checker.get(), nowNs)) {
      if (received.type == MessageType.INITIATION) {
        consumeInitiation(received, local.get(), nowNs);
      } else {
        consumeResponse(received, local.get(), nowNs);
      }
    }
  }

  /** Under load, only who proves to own its address is served, and only so often (whitepaper section 5.3). */
  private boolean admitted(Received received, CookieChecker macs, long nowNs) {
    if (!load.isUnderLoad(nowNs)) {
      return true;
    }
    if (!macs.checkMac2(received.message, received.from, nowNs)) {
      byte[] reply = macs.createReply(received.message, received.from, nowNs);
      udp.sendMessage(reply, TOS, received.from);
      drop(Drop.COOKIE_DEMANDED, received);
      return false;
    }
    if (!limiter.allow(received.from.address(), nowNs)) {
      drop(Drop.RATE_LIMITED, received);
      return false;
    }
    return true;
  }

  private void consumeCookieReply(Received received) {
    Peer peer = indices.find(LittleEndian.getInt(received.message, CookieReply.RECEIVER));
    if (peer == null || !peer.handshake().cookie().consumeReply(received.message)) {
      drop(Drop.BAD_COOKIE_REPLY, received);
    } else {
      log.debug("peer {} is under load: its cookie goes into the next handshake message", peer);
    }
  }

  private void consumeInitiation(Received received, LocalStatic ours, long nowNs) {
    try (ResponderHandshake handshake = ResponderHandshake.consumeInitiation(received.message, ours)) {
      Peer peer = handshake == null ? null : peers.apply(handshake.peer());
      Optional<RemoteStatic> remote = peer == null ? Optional.empty() : peer.handshake().remote();
      if (handshake == null || peer == null || remote.isEmpty()) {
        drop(Drop.UNKNOWN_INITIATOR, received);
        return;
      }
      Tai64n timestamp = handshake.authenticate(remote.get());
      if (timestamp == null) {
        drop(Drop.UNKNOWN_INITIATOR, received);
        return;
      }
      Optional<Drop> refusal = peer.handshake().refusal(timestamp, nowNs);
      if (refusal.isPresent()) {
        refuse(peer, refusal.get(), received);
        peer.handshake().history().refused(failureOf(refusal.get()));
        return;
      }
      peer.handshake().initiationConsumed(timestamp, nowNs);
      roam(peer, received.from);
      peer.received(1, received.message.length);
      peer.timers().anyAuthenticatedReceived(nowNs);
      respond(peer, handshake, ours, LittleEndian.getInt(received.message, Initiation.SENDER), nowNs);
    }
  }

  private void respond(
      Peer peer, ResponderHandshake handshake, LocalStatic ours, int remoteIndex, long nowNs) {
    int localIndex = indices.allocate(peer);
    byte[] response =
        handshake.createResponse(newEphemeral(peer, ours), localIndex, peer.handshake().presharedKey());
    if (response == null) {
      indices.free(localIndex);
      drops.count(Drop.UNKNOWN_INITIATOR);
      return;
    }
    peer.handshake().history().begun(HandshakeRole.RESPONDER, nowNs);
    begin(peer, handshake.keys(), localIndex, remoteIndex, HandshakeRole.RESPONDER, nowNs);
    send(peer, response, nowNs);
    if (peer.handshake().responseSent()) {
      log.warn(
          "peer {} at {} calls again and again but takes no response: the preshared keys differ, or none reaches it",
          peer,
          endpointText(peer));
    }
  }

  private void consumeResponse(Received received, LocalStatic ours, long nowNs) {
    int localIndex = LittleEndian.getInt(received.message, Response.RECEIVER);
    Peer peer = indices.find(localIndex);
    Optional<InitiatorHandshake> pending = peer == null ? Optional.empty() : peer.handshake().pending();
    if (peer == null || pending.isEmpty() || pending.get().senderIndex() != localIndex) {
      drop(Drop.UNKNOWN_RECEIVER, received);
      return;
    }
    TransportKeys keys =
        pending.get().consumeResponse(received.message, ours, peer.handshake().presharedKey());
    if (keys == null) {
      refuse(peer, Drop.BAD_RESPONSE, received);
      peer.handshake().history().failed(HandshakeFailure.BAD_RESPONSE, nowNs);
      return;
    }
    peer.handshake().pending(Optional.empty());
    roam(peer, received.from);
    peer.received(1, received.message.length);
    int remoteIndex = LittleEndian.getInt(received.message, Response.SENDER);
    begin(peer, keys, localIndex, remoteIndex, HandshakeRole.INITIATOR, nowNs);
    peer.timers().anyAuthenticatedReceived(nowNs);
    peer.timers().handshakeCompleted();
    peer.sessionConfirmed();
    completed(peer, HandshakeRole.INITIATOR);
    onInitiated.accept(peer);
  }

  private void begin(
      Peer peer, TransportKeys keys, int localIndex, int remoteIndex, HandshakeRole role, long nowNs) {
    boolean initiator = role == HandshakeRole.INITIATOR;
    Session session;
    try (keys) {
      session = new Session(keys, localIndex, remoteIndex, initiator, nowNs, environment.limits());
    }
    UnaryOperator<SessionSlots> place =
        initiator ? slots -> slots.startedByUs(session) : slots -> slots.startedByPeer(session);
    peer.handshake().history().sessionInstalled(role, /* rekey= */ peer.slots().current() != null);
    retire(peer.moveSlots(place));
    peer.timers().sessionDerived(nowNs);
  }

  /** Both sides have proven to hold the session's keys. */
  private void completed(Peer peer, HandshakeRole role) {
    boolean first = peer.handshake().lastCompleted().isEmpty();
    peer.handshake().completed(environment.clock().wallTime());
    boolean wasUnreachable = peer.handshake().reachability().answered();
    boolean rekey = !first && !wasUnreachable;
    peer.handshake().history().completed(role, rekey, environment.clock().nanoTime());
    if (!rekey) {
      log.info("handshake completed with peer {} at {}", peer, peer.endpoint());
    } else {
      log.debug("rekeyed with peer {} at {}", peer, peer.endpoint());
    }
  }

  /** Sends a first initiation, unless a handshake message was sent too recently. */
  void initiate(Peer peer) {
    peer.timers().attemptBegun(environment.clock().nanoTime());
    retry(peer);
  }

  /** Sends another initiation of the same attempt; every one is fresh (whitepaper section 6.4). */
  void retry(Peer peer) {
    long nowNs = environment.clock().nanoTime();
    Optional<RemoteStatic> remote = peer.handshake().remote();
    if (!up || !peer.mayInitiate(nowNs)) {
      return;
    }
    if (local.isEmpty() || remote.isEmpty()) {
      drops.count(Drop.NO_PRIVATE_KEY);
      return;
    }
    if (peer.handshake().pending().isPresent()) {
      peer.handshake().history().failed(HandshakeFailure.NO_ANSWER, nowNs);
    }
    abandonPending(peer);
    int localIndex = indices.allocate(peer);
    InitiatorHandshake handshake =
        InitiatorHandshake.create(
            local.get(),
            remote.get(),
            newEphemeral(peer, local.get()),
            peer.handshake().timestampToSend(Tai64n.of(time.now())),
            localIndex);
    if (handshake == null) {
      indices.free(localIndex);
      log.warn("peer {} cannot be reached: its public key is not a valid one", peer);
      return;
    }
    peer.handshake().pending(Optional.of(handshake));
    peer.handshake().history().begun(HandshakeRole.INITIATOR, nowNs);
    tellIfClockWasSetBack();
    tellIfUnreachable(peer);
    send(peer, handshake.message(), nowNs);
    peer.timers().handshakeInitiated(nowNs);
    if (peer.handshake().reachability().isUnreachable()) {
      onUnreachable.accept(peer.publicKey());
    }
  }

  private PrivateKey newEphemeral(Peer peer, LocalStatic ours) {
    PrivateKey ephemeral = X25519.generate(environment.random());
    environment.keyLog()
        .handshake(ours.privateKey(), peer.publicKey(), ephemeral, peer.handshake().presharedKey());
    return ephemeral;
  }

  private void tellIfClockWasSetBack() {
    time.newlySetBack()
        .ifPresent(
            behind ->
                log.warn(
                    "the clock was set back by {} s: handshakes go on with the later time, but after a restart peers"
                        + " refuse them until the clock reads that time again",
                    behind.toSeconds()));
  }

  private void tellIfUnreachable(Peer peer) {
    peer.handshake()
        .reachability()
        .initiationSent(environment.clock().wallTime())
        .ifPresent(
            since ->
                log.warn(
                    "peer {} at {} is unreachable: no handshake completed since {}", peer, endpointText(peer), since));
  }

  private static String endpointText(Peer peer) {
    Endpoint endpoint = peer.endpoint();
    return endpoint == null ? "no known endpoint" : endpoint.toString();
  }

  private void send(Peer peer, byte[] message, long nowNs) {
    peer.handshake().cookie().stamp(message, nowNs);
    peer.handshakeMessageSent(nowNs);
    peer.timers().anyAuthenticatedSent(nowNs);
    paths.reviewIfDue(peer);
    Endpoint endpoint = peer.endpoint();
    if (endpoint == null) {
      drops.count(Drop.NO_ENDPOINT);
      return;
    }
    if (endpoint.isCutOff()) {
      drops.count(Drop.ROUTING_LOOP);
      return;
    }
    if (!udp.sendMessage(message, TOS, endpoint)) {
      peer.forgetSource();
    }
    peer.sent(1, message.length);
  }

  /** Forgets the initiation that waits for its response. */
  void abandonPending(Peer peer) {
    peer.handshake().pending().ifPresent(pending -> indices.free(pending.senderIndex()));
    peer.handshake().pending(Optional.empty());
  }

  /** Ends all of the peer's sessions and its handshake under way. */
  void eraseKeys(Peer peer) {
    abandonPending(peer);
    retire(peer.moveSlots(slots -> SessionSlots.EMPTY));
  }

  /** Frees the indices of sessions that left their slots, and erases their keys once no batch can be using them. */
  private void retire(List<Session> gone) {
    for (Session session : gone) {
      indices.free(session.localIndex());
      environment.whenAllShardsPassed(session::wipe, session::erase);
    }
  }

  private static HandshakeFailure failureOf(Drop refusal) {
    return refusal == Drop.OLD_TIMESTAMP ? HandshakeFailure.OLD_TIMESTAMP : HandshakeFailure.INITIATION_FLOOD;
  }

  /** Drops a message of a peer that its owner should hear of: something is set up wrongly on one side. */
  private void refuse(Peer peer, Drop reason, Received received) {
    drop(reason, received);
    if (peer.handshake().firstRefusal(reason)) {
      String advice =
          switch (reason) {
            case OLD_TIMESTAMP -> "its timestamp is not newer than the last: a replay, or the peer's clock was set back";
            case BAD_RESPONSE -> "it does not authenticate: the preshared keys differ, or it was forged";
            default -> "initiations come faster than one in 20 ms";
          };
      log.warn("refused a handshake message of peer {} from {}: {}", peer, received.from, advice);
    }
  }

  private void drop(Drop reason, Received received) {
    drops.count(reason);
    log.debug("dropped {} from {}: {}", received.type, received.from, reason);
  }
}
