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
  private static final Logger log = LoggerFactory.getLogger(Peer.class);

  private final PublicKey publicKey;
  private final PeerHandshake handshake;
  private final PeerTimers timers;
  private final StagedPackets staged = new StagedPackets();

  // Control thread.
  private final Set<IpPrefix> allowedIps = new LinkedHashSet<>(2); // most have one or two
  private int persistentKeepalive;

  // All threads.
  private final AtomicReference<SessionSlots> slots = new AtomicReference<>(SessionSlots.EMPTY);
  private final AtomicReference<@Nullable Endpoint> endpoint = new AtomicReference<>();
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

  @Nullable Endpoint endpoint() {
    return endpoint.get();
  }

  /** Sets the endpoint by configuration. */
  void endpoint(Endpoint configured) {
    endpoint.set(configured);
  }

  /** Follows the peer to where an authenticated message came from; of several at one moment, to any. */
  void roamTo(Endpoint from) {
    Endpoint before = endpoint.get();
    if (from.equals(before)) {
      return;
    }
    endpoint.set(from);
    if (before != null && !before.sameRemote(from)) {
      log.info("peer {} roamed from {} to {}", this, before, from);
    }
  }

  /** Lets the kernel choose the local address again. */
  void forgetSource() {
    Endpoint known = endpoint.get();
    if (known != null) {
      endpoint.compareAndSet(known, known.withoutSource()); // if it fails, the peer has just roamed
    }
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
