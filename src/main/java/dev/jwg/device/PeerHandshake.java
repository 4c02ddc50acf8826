package dev.jwg.device;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.PeerCookie;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.Tai64n;
import dev.jwg.protocol.Limits;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the handshake engine remembers of a peer between messages. Control thread. Of the peers of a large device most are
 * idle, so that what only a handshake needs is made for the first one.
 */
final class PeerHandshake {
  /** Responses without a session after which a person should hear of it: the peer has then called for ten seconds. */
  private static final int TELL_AFTER = 3;

  /** Shared by all peers without one: to erase it changes nothing. */
  private static final PresharedKey NO_PRESHARED_KEY = PresharedKey.none();

  private final PublicKey publicKey;
  private final Reachability reachability = new Reachability();
  private final Set<Drop> refusalsTold = EnumSet.noneOf(Drop.class);
  private PresharedKey presharedKey = NO_PRESHARED_KEY;
  private Optional<LocalStatic> local = Optional.empty();
  private @Nullable PeerCookie cookie;
  private @Nullable HandshakeHistory history;
  private Optional<RemoteStatic> remote = Optional.empty();
  private Optional<InitiatorHandshake> pending = Optional.empty();
  private Optional<Tai64n> lastTimestamp = Optional.empty();
  private @Nullable Tai64n lastTimestampSent;
  private Optional<Instant> lastCompleted = Optional.empty();
  private @Nullable Long initiationConsumedNs;
  private int unconfirmedResponses;

  PeerHandshake(PublicKey publicKey) {
    this.publicKey = publicKey;
  }

  /** Names our present key; without one there are no handshakes. */
  void identify(Optional<LocalStatic> present) {
    remote.ifPresent(RemoteStatic::close);
    remote = Optional.empty();
    local = present;
  }

  /** The peer's key, and the secret that ours shares with it; absent without a key of our own. */
  Optional<RemoteStatic> remote() {
    if (remote.isEmpty()) {
      remote = local.map(ours -> RemoteStatic.of(ours, publicKey));
    }
    return remote;
  }

  PeerCookie cookie() {
    if (cookie == null) {
      cookie = new PeerCookie(publicKey);
    }
    return cookie;
  }

  HandshakeHistory history() {
    if (history == null) {
      history = new HandshakeHistory(publicKey);
    }
    return history;
  }

  HandshakeCounts counts() {
    return history == null ? HandshakeCounts.NONE : history.counts();
  }

  Reachability reachability() {
    return reachability;
  }

  /** What the next handshake mixes in: all zero if none is configured (whitepaper section 5.2). */
  PresharedKey presharedKey() {
    return presharedKey;
  }

  Optional<PresharedKey> configuredPresharedKey() {
    return presharedKey.isZero() ? Optional.empty() : Optional.of(presharedKey);
  }

  /** The live session stays as it is; the next handshake uses the new key. */
  void presharedKey(PresharedKey key) {
    if (presharedKey.equals(key)) {
      return;
    }
    presharedKey.close();
    presharedKey = PresharedKey.of(key.toBytes());
  }

  Optional<InitiatorHandshake> pending() {
    return pending;
  }

  /** Replaces the initiation that waits for its response; the former one's secrets are erased. */
  void pending(Optional<InitiatorHandshake> handshake) {
    pending.ifPresent(InitiatorHandshake::close);
    pending = handshake;
  }

  /** When the last handshake was completed by both sides. */
  Optional<Instant> lastCompleted() {
    return lastCompleted;
  }

  void completed(Instant at) {
    lastCompleted = Optional.of(at);
    refusalsTold.clear();
    unconfirmedResponses = 0;
  }

  /** True the first time since the last completed handshake: people are told once. */
  boolean firstRefusal(Drop reason) {
    return refusalsTold.add(reason);
  }

  /**
   * A response was sent.
   *
   * @return true once since the last completed handshake, when the peer goes on calling as if it had heard none
   */
  boolean responseSent() {
    unconfirmedResponses++;
    return unconfirmedResponses == TELL_AFTER;
  }

  /** The timestamp of an initiation that is sent at {@code time}: later than that of each one before. */
  Tai64n timestampToSend(Tai64n time) {
    Tai64n last = lastTimestampSent;
    Tai64n sent = last == null || time.isAfter(last) ? time : last.next();
    lastTimestampSent = sent;
    return sent;
  }

  /** Whether an authenticated initiation is neither a replay (whitepaper section 5.1) nor one of too many. */
  Optional<Drop> refusal(Tai64n timestamp, long nowNs) {
    if (lastTimestamp.isPresent() && !timestamp.isAfter(lastTimestamp.get())) {
      return Optional.of(Drop.OLD_TIMESTAMP);
    }
    if (initiationConsumedNs != null && nowNs - initiationConsumedNs < Limits.INITIATION_INTERVAL_NS) {
      return Optional.of(Drop.INITIATION_FLOOD);
    }
    return Optional.empty();
  }

  /** The timestamp outlives keys and sessions: only removing the peer forgets it. */
  void initiationConsumed(Tai64n timestamp, long nowNs) {
    lastTimestamp = Optional.of(timestamp);
    initiationConsumedNs = nowNs;
  }

  /** Erases all secrets; the peer was removed. */
  void erase() {
    pending(Optional.empty());
    identify(Optional.empty());
    presharedKey.close();
  }
}
