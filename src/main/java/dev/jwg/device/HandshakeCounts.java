package dev.jwg.device;

import java.util.Map;

/**
 * How many handshakes with one peer were begun, and what became of them; what never happened is absent.
 *
 * @param begun as initiator, initiations sent, retries included; as responder, initiations answered
 * @param completed those that both sides have confirmed
 * @param rekeys those among the completed that followed another one, of a peer that had been answering
 */
public record HandshakeCounts(
    Map<HandshakeRole, Long> begun,
    Map<HandshakeRole, Long> completed,
    Map<HandshakeFailure, Long> failed,
    long rekeys) {

  static final HandshakeCounts NONE = new HandshakeCounts(Map.of(), Map.of(), Map.of(), 0);

  public HandshakeCounts {
    begun = Map.copyOf(begun);
    completed = Map.copyOf(completed);
    failed = Map.copyOf(failed);
  }
}
