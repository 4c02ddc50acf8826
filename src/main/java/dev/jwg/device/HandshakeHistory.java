package dev.jwg.device;

import dev.jwg.crypto.PublicKey;
import dev.jwg.jfr.FlightRecord;
import java.util.EnumMap;
import java.util.Map;

/** Hears what becomes of a peer's handshakes, counts it and tells the flight recorder. Control thread. */
final class HandshakeHistory {
  private static final String COMPLETED = "COMPLETED";

  private final PublicKey peer;
  private final Map<HandshakeRole, Long> begunAtNs = new EnumMap<>(HandshakeRole.class);
  private final Map<HandshakeRole, Long> begun = new EnumMap<>(HandshakeRole.class);
  private final Map<HandshakeRole, Long> completed = new EnumMap<>(HandshakeRole.class);
  private final Map<HandshakeFailure, Long> failed = new EnumMap<>(HandshakeFailure.class);
  private long rekeys;

  HandshakeHistory(PublicKey peer) {
    this.peer = peer;
  }

  /** An initiation was sent, or is about to be answered. */
  void begun(HandshakeRole role, long nowNs) {
    begun.merge(role, 1L, Long::sum);
    begunAtNs.put(role, nowNs);
  }

  /** Its session was installed; {@code rekey} if it follows another. */
  void sessionInstalled(HandshakeRole role, boolean rekey) {
    FlightRecord.session(peer, role, rekey);
  }

  /** Both sides have the session; {@code rekey} if the peer had been answering before. */
  void completed(HandshakeRole role, boolean rekey, long nowNs) {
    completed.merge(role, 1L, Long::sum);
    if (rekey) {
      rekeys++;
    }
    FlightRecord.handshake(peer, role, COMPLETED, sinceBegunNs(role, nowNs));
  }

  /** The initiation sent last had no good answer. */
  void failed(HandshakeFailure reason, long nowNs) {
    failed.merge(reason, 1L, Long::sum);
    FlightRecord.handshake(peer, reason.role(), reason.name(), sinceBegunNs(reason.role(), nowNs));
  }

  /** An initiation of the peer's was refused. */
  void refused(HandshakeFailure reason) {
    failed.merge(reason, 1L, Long::sum);
    FlightRecord.handshake(peer, reason.role(), reason.name(), 0);
  }

  private long sinceBegunNs(HandshakeRole role, long nowNs) {
    return nowNs - begunAtNs.getOrDefault(role, nowNs);
  }

  HandshakeCounts counts() {
    return new HandshakeCounts(begun, completed, failed, rekeys);
  }
}
