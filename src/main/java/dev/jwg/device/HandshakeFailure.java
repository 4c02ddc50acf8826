package dev.jwg.device;

/** Why a handshake with a known peer failed. */
public enum HandshakeFailure {
  /** No response came before the next initiation was due. */
  NO_ANSWER(HandshakeRole.INITIATOR),
  /** As {@link Drop#BAD_RESPONSE}. */
  BAD_RESPONSE(HandshakeRole.INITIATOR),
  /** As {@link Drop#OLD_TIMESTAMP}. */
  OLD_TIMESTAMP(HandshakeRole.RESPONDER),
  /** As {@link Drop#INITIATION_FLOOD}. */
  INITIATION_FLOOD(HandshakeRole.RESPONDER);

  private final HandshakeRole role;

  HandshakeFailure(HandshakeRole role) {
    this.role = role;
  }

  HandshakeRole role() {
    return role;
  }
}
