package dev.jwg.device;

/** Who we are in a handshake. */
public enum HandshakeRole {
  INITIATOR,
  RESPONDER
}
