package dev.jwg.rehearsal;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.X25519;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.noise.Tai64n;
import dev.jwg.noise.TransportKeys;
import dev.jwg.session.Session;
import dev.jwg.session.SessionLimits;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Objects;

/** Both ends of a session between two peers that exist nowhere else. */
record SessionPair(Session sender, Session receiver) {
  private static final int SENDER_INDEX = 1;
  private static final int RECEIVER_INDEX = 2;

  /** The outcome of a handshake (whitepaper section 5.4) under keys that are forgotten. */
  static SessionPair agree(SecureRandom random, long nowNs) {
    try (PrivateKey senderKey = X25519.generate(random);
        PrivateKey receiverKey = X25519.generate(random);
        PrivateKey senderEphemeral = X25519.generate(random);
        PrivateKey receiverEphemeral = X25519.generate(random);
        PresharedKey presharedKey = PresharedKey.none()) {
      LocalStatic sender = LocalStatic.of(senderKey);
      LocalStatic receiver = LocalStatic.of(receiverKey);
      try (RemoteStatic receiverAtSender = RemoteStatic.of(sender, receiver.publicKey());
          RemoteStatic senderAtReceiver = RemoteStatic.of(receiver, sender.publicKey());
          InitiatorHandshake initiator = Objects.requireNonNull(InitiatorHandshake.create(
              sender, receiverAtSender, senderEphemeral, Tai64n.of(Instant.EPOCH), SENDER_INDEX));
          ResponderHandshake responder = Objects.requireNonNull(
              ResponderHandshake.consumeInitiation(initiator.message(), receiver))) {
        Objects.requireNonNull(responder.authenticate(senderAtReceiver));
        byte[] response = Objects.requireNonNull(
            responder.createResponse(receiverEphemeral, RECEIVER_INDEX, presharedKey));
        try (TransportKeys sending =
                Objects.requireNonNull(initiator.consumeResponse(response, sender, presharedKey));
            TransportKeys receiving = responder.keys()) {
          return new SessionPair(
              new Session(sending, SENDER_INDEX, RECEIVER_INDEX, true, nowNs, SessionLimits.WHITEPAPER),
              new Session(receiving, RECEIVER_INDEX, SENDER_INDEX, false, nowNs, SessionLimits.WHITEPAPER));
        }
      }
    }
  }

  void erase() {
    sender.erase();
    receiver.erase();
  }
}
