package dev.jwg.device;

import dev.jwg.protocol.Limits;

/**
 * When a peer's handshakes, keepalives and key erasure are due (whitepaper sections 6.1 to 6.5). Its methods say what just
 * happened, from any thread; it alone sets timers. Actions run on the control thread.
 *
 * <p>What happens on several threads at one moment may be told in either order, and both are right: a timer that came out
 * of it set or cleared wrongly is corrected by the next packet, or else costs a keepalive or a handshake.
 */
final class PeerTimers {

  /** What timers cause. */
  interface Actions {
    /** Begin a handshake; {@code isRetry} if an earlier initiation of the same attempt went unanswered. */
    void initiate(Peer peer, boolean isRetry);

    /** The attempt failed for good: what waits for a session is dropped. */
    void giveUp(Peer peer);

    /** Send staged packets or else an empty one. */
    void sendKeepalive(Peer peer);

    void eraseKeys(Peer peer);
  }

  private final Peer peer;
  private final Environment environment;
  private final Actions actions;
  private final Deadline retransmitHandshake;
  private final Deadline passiveKeepalive;
  private final Deadline newHandshake;
  private final Deadline keyErasure;
  private final Deadline persistentKeepalive;
  private volatile boolean anotherKeepalive;
  private volatile long persistentIntervalNs;
  private volatile long attemptBegunNs;

  /** Drawn anew with each session, since a generator that blocks and allocates has no place on the data path. */
  private volatile long newHandshakeJitterNs;

  PeerTimers(Peer peer, Environment environment, Actions actions) {
    this.peer = peer;
    this.environment = environment;
    this.actions = actions;
    retransmitHandshake = new Deadline(environment, this::onHandshakeUnanswered);
    passiveKeepalive = new Deadline(environment, this::onPassiveKeepalive);
    newHandshake = new Deadline(environment, this::onNothingReceived);
    keyErasure = new Deadline(environment, () -> actions.eraseKeys(peer));
    persistentKeepalive = new Deadline(environment, this::onPersistentKeepalive);
  }

  /** A packet that is not a keepalive was sent: an answer of any kind is expected. */
  void dataSent(long nowNs) {
    if (!newHandshake.isSet()) {
      newHandshake.set(nowNs + Limits.KEEPALIVE_TIMEOUT_NS + Limits.REKEY_TIMEOUT_NS + newHandshakeJitterNs);
    }
  }

  /** A packet that is not a keepalive was received: the peer expects an answer of any kind. */
  void dataReceived(long nowNs) {
    if (passiveKeepalive.isSet()) {
      anotherKeepalive = true;
    } else {
      passiveKeepalive.set(nowNs + Limits.KEEPALIVE_TIMEOUT_NS);
    }
  }

  /** Any authenticated message, handshake messages included, was sent. */
  void anyAuthenticatedSent(long nowNs) {
    passiveKeepalive.clear();
    traversed(nowNs);
  }

  /** Any authenticated message, handshake messages included, was received. */
  void anyAuthenticatedReceived(long nowNs) {
    newHandshake.clear();
    traversed(nowNs);
  }

  private void traversed(long nowNs) {
    long interval = persistentIntervalNs;
    if (interval != 0) {
      persistentKeepalive.set(nowNs + interval);
    }
  }

  /** An initiation was asked for that is not a retry: the peer gets the full attempt time again. */
  void attemptBegun(long nowNs) {
    attemptBegunNs = nowNs;
  }

  /** An initiation was sent. */
  void handshakeInitiated(long nowNs) {
    retransmitHandshake.set(nowNs + Limits.REKEY_TIMEOUT_NS + jitterNs());
  }

  /** A session is confirmed by both sides. */
  void handshakeCompleted() {
    retransmitHandshake.clear();
  }

  /** New keys exist, confirmed or not. */
  void sessionDerived(long nowNs) {
    newHandshakeJitterNs = jitterNs();
    keyErasure.set(nowNs + environment.limits().eraseAfterNs());
  }

  /** The persistent keepalive interval was changed; 0 is off. */
  void persistentKeepaliveChanged(int seconds) {
    persistentIntervalNs = seconds * 1_000_000_000L;
    if (seconds == 0) {
      persistentKeepalive.clear();
    }
  }

  /** The peer was removed or the interface set down. */
  void stopped() {
    retransmitHandshake.clear();
    passiveKeepalive.clear();
    newHandshake.clear();
    keyErasure.clear();
    persistentKeepalive.clear();
    anotherKeepalive = false;
  }

  private void onHandshakeUnanswered() {
    long nowNs = environment.clock().nanoTime();
    if (nowNs - attemptBegunNs >= Limits.REKEY_ATTEMPT_TIME_NS) {
      passiveKeepalive.clear();
      actions.giveUp(peer);
      keyErasure.setIfClear(nowNs + environment.limits().eraseAfterNs());
    } else {
      peer.forgetSource();
      actions.initiate(peer, true);
    }
  }

  private void onPassiveKeepalive() {
    actions.sendKeepalive(peer);
    if (anotherKeepalive) {
      anotherKeepalive = false;
      long atNs = environment.clock().nanoTime() + Limits.KEEPALIVE_TIMEOUT_NS;
      // Behind the keepalive in the shard's queue, since whatever is sent clears this timer.
      environment.firstShard().execute(() -> passiveKeepalive.setIfClear(atNs));
    }
  }

  private void onNothingReceived() {
    peer.forgetSource();
    actions.initiate(peer, false);
  }

  private void onPersistentKeepalive() {
    if (persistentIntervalNs != 0) {
      actions.sendKeepalive(peer);
    }
  }

  private long jitterNs() {
    return environment.random().nextLong(Limits.REKEY_TIMEOUT_JITTER_NS);
  }
}
