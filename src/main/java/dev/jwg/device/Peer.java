package dev.jwg.device;

import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import dev.jwg.protocol.Limits;
import dev.jwg.route.IpPrefix;
import dev.jwg.session.Session;
import dev.jwg.session.SessionSlots;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer: what all threads know of it. The handshake's own state is in {@link PeerHandshake} (control thread), packets
 * that wait are in {@link StagedPackets} (data shards).
 */
final class Peer {
  /** The endpoint as it was told, and as datagrams use it. */
  private record Whereabouts(Endpoint told, Endpoint used) {}

  private static final Logger log = LoggerFactory.getLogger(Peer.class);

  private final PublicKey publicKey;
  private final PeerHandshake handshake;
  private final PeerTimers timers;
  private final StagedPackets staged = new StagedPackets();

  // Control thread.
  private final PeerPath path = new PeerPath();
  private final Set<IpPrefix> allowedIps = new LinkedHashSet<>(2); // most have one or two
  private int persistentKeepalive;

  // All threads.
  private final AtomicReference<SessionSlots> slots = new AtomicReference<>(SessionSlots.EMPTY);
  private final AtomicReference<@Nullable Whereabouts> whereabouts = new AtomicReference<>();
  private final AtomicBoolean pathReviewDue = new AtomicBoolean();
  private volatile Steering steering = Steering.BY_TABLE;
  private final AtomicLong receivedMessages = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final AtomicLong sentMessages = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicBoolean handshakeRequested = new AtomicBoolean();
  private final AtomicBoolean rekeyedOnReceive = new AtomicBoolean();
  private volatile long handshakeMessageSentNs;
  private volatile boolean removed;

  Peer(PublicKey publicKey, Environment environment, PeerTimers.Actions actions) {
    this.publicKey = publicKey;
    this.handshake = new PeerHandshake(publicKey);
    this.timers = new PeerTimers(this, environment, actions);
    forgetHandshakeMessageSent(environment.clock().nanoTime());
  }

  PublicKey publicKey() {
    return publicKey;
  }

  PeerHandshake handshake() {
    return handshake;
  }

  PeerTimers timers() {
    return timers;
  }

  StagedPackets staged() {
    return staged;
  }

  /** In the order they were given. */
  Set<IpPrefix> allowedIps() {
    return allowedIps;
  }

  int persistentKeepalive() {
    return persistentKeepalive;
  }

  void persistentKeepalive(int seconds) {
    persistentKeepalive = seconds;
    timers.persistentKeepaliveChanged(seconds);
  }

  @SuppressWarnings("NullAway") // an AtomicReference could hold null, this one never does
  SessionSlots slots() {
    return slots.get();
  }

  /**
   * Moves sessions between the slots.
   *
   * @return the sessions that have no slot any more; the caller retires them
   */
  @SuppressWarnings("NullAway") // as above
  List<Session> moveSlots(UnaryOperator<SessionSlots> move) {
    SessionSlots before = slots.getAndUpdate(move);
    return before.goneIn(move.apply(before));
  }

  /**
   * Replaces the slots that a shard has seen.
   *
   * @return false if they changed since
   */
  boolean replaceSlots(SessionSlots seen, SessionSlots fresh) {
    return slots.compareAndSet(seen, fresh);
  }

  /** The endpoint that datagrams to the peer go to, with the source that they leave from. */
  @Nullable Endpoint endpoint() {
    Whereabouts known = whereabouts.get();
    return known == null ? null : known.used;
  }

  /** The endpoint as the last authenticated message or the configuration told it, whatever its source is worth. */
  @Nullable Endpoint toldEndpoint() {
    Whereabouts known = whereabouts.get();
    return known == null ? null : known.told;
  }

  /** Sets the endpoint by configuration. */
  void endpoint(Endpoint configured) {
    tell(configured);
    pathReviewDue.set(true);
  }

  /**
   * Follows the peer to where an authenticated message came from; of several at one moment, to any.
   *
   * @return true if {@link OuterPaths} has to review the path, and was not told so yet
   */
  boolean roamTo(Endpoint from) {
    Whereabouts before = whereabouts.get();
    if (before != null && from.equals(before.told)) {
      return false;
    }
    tell(from);
    if (before != null && !before.told.sameRemote(from)) {
      log.info("peer {} roamed from {} to {}", this, before.told, from);
    }
    return pathReviewDue.compareAndSet(false, true);
  }

  private void tell(Endpoint told) {
    whereabouts.set(new Whereabouts(told, steering.steered(told)));
  }

  /** Lets the kernel choose the local address again. */
  void forgetSource() {
    Whereabouts known = whereabouts.get();
    if (known != null && known.told.source().hasAddress()) {
      Endpoint told = known.told.withoutSource();
      // If it fails, the peer has just roamed.
      whereabouts.compareAndSet(known, new Whereabouts(told, steering.steered(told)));
    }
  }

  /** Has datagrams leave as said from now on. On the control thread. */
  void steer(Steering wanted) {
    steering = wanted;
    Whereabouts known;
    do {
      known = whereabouts.get();
    } while (known != null
        && !whereabouts.compareAndSet(known, new Whereabouts(known.told, wanted.steered(known.told))));
  }

  /** True once after the endpoint or its source changed: the path has to be reviewed. On the control thread. */
  boolean takePathReview() {
    return pathReviewDue.get() && pathReviewDue.getAndSet(false);
  }

  boolean isPathReviewDue() {
    return pathReviewDue.get();
  }

  /** The findings of path reviews. Control thread. */
  PeerPath path() {
    return path;
  }

  void received(int messages, int bytes) {
    receivedMessages.getAndAdd(messages);
    receivedBytes.getAndAdd(bytes);
  }

  void sent(int messages, int bytes) {
    sentMessages.getAndAdd(messages);
    sentBytes.getAndAdd(bytes);
  }

  long receivedMessages() {
    return receivedMessages.get();
  }

  long sentMessages() {
    return sentMessages.get();
  }

  long receivedBytes() {
    return receivedBytes.get();
  }

  long sentBytes() {
    return sentBytes.get();
  }

  void handshakeMessageSent(long nowNs) {
    handshakeMessageSentNs = nowNs;
  }

  /** Lets the next initiation go out at once. */
  void forgetHandshakeMessageSent(long nowNs) {
    handshakeMessageSentNs = nowNs - Limits.REKEY_TIMEOUT_NS;
  }

  /** No initiation leaves within {@code REKEY_TIMEOUT} of the last handshake message sent (whitepaper section 6.2). */
  boolean mayInitiate(long nowNs) {
    return !removed && nowNs - handshakeMessageSentNs >= Limits.REKEY_TIMEOUT_NS;
  }

  /** True for the first of many requests, until {@link #handshakeRequestServed}. */
  boolean requestHandshake() {
    return !handshakeRequested.get() && handshakeRequested.compareAndSet(false, true);
  }

  void handshakeRequestServed() {
    handshakeRequested.set(false);
  }

  /** True once per session: receiving asks for a new session a single time. */
  boolean firstRekeyOnReceive() {
    return !rekeyedOnReceive.get() && rekeyedOnReceive.compareAndSet(false, true);
  }

  void sessionConfirmed() {
    rekeyedOnReceive.set(false);
  }

  /** The peer is no longer configured: nothing is begun for it any more. */
  void markRemoved() {
    removed = true;
    timers.stopped();
  }

  /** For logs. */
  @Override
  public String toString() {
    return publicKey.abbreviated();
  }
}
