package dev.jwg.noise;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.protocol.Initiation;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import dev.jwg.protocol.Response;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The initiator's side of one handshake (whitepaper sections 5.4.2 and 5.4.3): initiation out, response in. */
public final class InitiatorHandshake implements AutoCloseable {
  private final PrivateKey ephemeral;
  private final SymmetricState state;
  private final byte[] message;

  private InitiatorHandshake(PrivateKey ephemeral, SymmetricState state) {
    this.ephemeral = ephemeral;
    this.state = state;
    this.message = new byte[Initiation.LENGTH];
  }

  /**
   * Creates an initiation.
   *
   * @param ephemeral fresh for this handshake, which erases it
   * @param senderIndex names this handshake, and the session it ends with, in the peer's messages
   * @return null if the peer's static key admits no handshake ({@link RemoteStatic#isUsable})
   */
  public static @Nullable InitiatorHandshake create(
      LocalStatic local, RemoteStatic remote, PrivateKey ephemeral, Tai64n timestamp, int senderIndex) {
    InitiatorHandshake handshake =
        new InitiatorHandshake(ephemeral, SymmetricState.towards(remote.publicKey()));
    if (handshake.writeInitiation(local, remote, timestamp, senderIndex)) {
      return handshake;
    }
    handshake.close();
    return null;
  }

  private boolean writeInitiation(LocalStatic local, RemoteStatic remote, Tai64n timestamp, int senderIndex) {
    LittleEndian.putInt(message, 0, MessageType.INITIATION.code());
    LittleEndian.putInt(message, Initiation.SENDER, senderIndex);

    // e
    PublicKey ours = X25519.publicKey(ephemeral);
    state.mixEphemeral(ours);
    put(ours.toBytes(), Initiation.EPHEMERAL);

    // es, s
    if (!state.mixDh(ephemeral, remote.publicKey())) {
      return false;
    }
    put(state.encryptAndHash(local.publicKey().toBytes()), Initiation.STATIC);

    // ss, and the timestamp as payload
    if (!remote.mixInto(state)) {
      return false;
    }
    byte[] label = new byte[Tai64n.LENGTH];
    timestamp.write(label, 0);
    put(state.encryptAndHash(label), Initiation.TIMESTAMP);
    return true;
  }

  private void put(byte[] field, int offset) {
    System.arraycopy(field, 0, message, offset, field.length);
  }

  /** The initiation, 148 bytes, in which {@link PeerCookie#stamp} fills in both MACs. */
  public byte[] message() {
    return message;
  }

  public int senderIndex() {
    return LittleEndian.getInt(message, Initiation.SENDER);
  }

  /**
   * Consumes a response to {@link #senderIndex}.
   *
   * @return the transport keys, or null if the response is not authentic; a later genuine one is then still accepted
   */
  public @Nullable TransportKeys consumeResponse(byte[] response, LocalStatic local, PresharedKey presharedKey) {
    if (MessageType.classify(response, 0, response.length) != MessageType.RESPONSE
        || LittleEndian.getInt(response, Response.RECEIVER) != senderIndex()) {
      return null;
    }
    try (SymmetricState attempt = state.copy()) {
      // e
      PublicKey theirs = PublicKey.read(response, Response.EPHEMERAL);
      attempt.mixEphemeral(theirs);

      // ee, se
      if (!attempt.mixDh(ephemeral, theirs) || !attempt.mixDh(local.privateKey(), theirs)) {
        return null;
      }

      // psk, and an empty payload
      attempt.mixPsk(presharedKey);
      byte[] empty =
          Arrays.copyOfRange(response, Response.EMPTY, Response.EMPTY + Response.EMPTY_LENGTH);
      if (attempt.decryptAndHash(empty) == null) {
        return null;
      }
      byte[][] keys = attempt.split();
      return new TransportKeys(keys[0], keys[1]);
    }
  }

  /** Erases the ephemeral key and the chaining key. */
  @Override
  public void close() {
    ephemeral.close();
    state.close();
  }
}
