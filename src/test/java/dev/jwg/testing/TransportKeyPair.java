package dev.jwg.testing;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.X25519;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.noise.Tai64n;
import dev.jwg.noise.TransportKeys;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Objects;

/** Both sides' transport keys of one genuine handshake. */
public record TransportKeyPair(TransportKeys initiator, TransportKeys responder) {

  public static TransportKeyPair agree(SecureRandom random) {
    LocalStatic alice = LocalStatic.of(X25519.generate(random));
    LocalStatic bob = LocalStatic.of(X25519.generate(random));
    RemoteStatic bobAtAlice = RemoteStatic.of(alice, bob.publicKey());
    RemoteStatic aliceAtBob = RemoteStatic.of(bob, alice.publicKey());
    InitiatorHandshake initiator =
        Objects.requireNonNull(
            InitiatorHandshake.create(alice, bobAtAlice, X25519.generate(random), Tai64n.of(Instant.EPOCH), 1));
    ResponderHandshake responder =
        Objects.requireNonNull(ResponderHandshake.consumeInitiation(initiator.message(), bob));
    Objects.requireNonNull(responder.authenticate(aliceAtBob));
    byte[] response =
        Objects.requireNonNull(responder.createResponse(X25519.generate(random), 2, PresharedKey.none()));
    return new TransportKeyPair(
        Objects.requireNonNull(initiator.consumeResponse(response, alice, PresharedKey.none())), responder.keys());
  }
}
