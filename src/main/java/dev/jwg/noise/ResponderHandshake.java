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

/**
 * The responder's side of one handshake (whitepaper sections 5.4.2 and 5.4.3): initiation in, response out. The order
 * is {@link #consumeInitiation}, {@link #authenticate}, {@link #createResponse}, {@link #keys}; what returns null ends
 * it.
 */
public final class ResponderHandshake implements AutoCloseable {
  private enum Stage {
    CLAIMED,
    AUTHENTICATED,
    ANSWERED,
    ENDED
  }

  private final SymmetricState state;
  private final byte[] initiation;
  private final PublicKey theirEphemeral;
  private final PublicKey peer;
  private Stage stage = Stage.CLAIMED;

  private ResponderHandshake(SymmetricState state, byte[] initiation, PublicKey theirEphemeral, PublicKey peer) {
    this.state = state;
    this.initiation = initiation;
    this.theirEphemeral = theirEphemeral;
    this.peer = peer;
  }

  /** Learns who claims to send an initiation; null if it is not meant for {@code local} or damaged. */
  public static @Nullable ResponderHandshake consumeInitiation(byte[] message, LocalStatic local) {
    if (MessageType.classify(message, 0, message.length) != MessageType.INITIATION) {
      return null;
    }
    SymmetricState state = SymmetricState.towards(local.publicKey());

    // e
    PublicKey theirs = PublicKey.read(message, Initiation.EPHEMERAL);
    state.mixEphemeral(theirs);

    // es, s
    byte[] peer = state.mixDh(local.privateKey(), theirs) ? state.decryptAndHash(staticOf(message)) : null;
    if (peer == null) {
      state.close();
      return null;
    }
    return new ResponderHandshake(state, message.clone(), theirs, PublicKey.of(peer));
  }

  private static byte[] staticOf(byte[] initiation) {
    return Arrays.copyOfRange(initiation, Initiation.STATIC, Initiation.STATIC + Initiation.STATIC_LENGTH);
  }

  /** Who claims to have sent the initiation; anyone can claim that until {@link #authenticate} agrees. */
  public PublicKey peer() {
    return peer;
  }

  /**
   * Proves that the initiation was made by {@link #peer}, at whatever time.
   *
   * @param remote of {@link #peer}
   * @return the timestamp, which must be after the peer's last; null if the proof fails
   */
  public @Nullable Tai64n authenticate(RemoteStatic remote) {
    leave(Stage.CLAIMED);
    // ss
    if (!remote.mixInto(state)) {
      return null;
    }
    byte[] sealed =
        Arrays.copyOfRange(initiation, Initiation.TIMESTAMP, Initiation.TIMESTAMP + Initiation.TIMESTAMP_LENGTH);
    byte[] timestamp = state.decryptAndHash(sealed);
    if (timestamp == null) {
      return null;
    }
    stage = Stage.AUTHENTICATED;
    return Tai64n.read(timestamp, 0);
  }

  /**
   * Creates the response, in which {@link PeerCookie#stamp} fills in both MACs.
   *
   * @param ephemeral fresh for this response, which erases it
   * @param senderIndex names the new session in the peer's messages
   * @return 92 bytes, or null if a key of the peer is a point of small order
   */
  public byte @Nullable [] createResponse(PrivateKey ephemeral, int senderIndex, PresharedKey presharedKey) {
    leave(Stage.AUTHENTICATED);
    byte[] message = new byte[Response.LENGTH];
    LittleEndian.putInt(message, 0, MessageType.RESPONSE.code());
    LittleEndian.putInt(message, Response.SENDER, senderIndex);
    LittleEndian.putInt(message, Response.RECEIVER, LittleEndian.getInt(initiation, Initiation.SENDER));
    try (ephemeral) {
      // e
      PublicKey ours = X25519.publicKey(ephemeral);
      state.mixEphemeral(ours);
      System.arraycopy(ours.toBytes(), 0, message, Response.EPHEMERAL, PublicKey.LENGTH);

      // ee, se
      if (!state.mixDh(ephemeral, theirEphemeral) || !state.mixDh(ephemeral, peer)) {
        return null;
      }
    }

    // psk, and an empty payload
    state.mixPsk(presharedKey);
    byte[] empty = state.encryptAndHash(new byte[0]);
    System.arraycopy(empty, 0, message, Response.EMPTY, empty.length);
    stage = Stage.ANSWERED;
    return message;
  }

  /** The keys of the session that the response offers; once. */
  public TransportKeys keys() {
    leave(Stage.ANSWERED);
    byte[][] keys = state.split();
    return new TransportKeys(keys[1], keys[0]);
  }

  private void leave(Stage from) {
    if (stage != from) {
      throw new IllegalStateException("handshake is " + stage + ", not " + from);
    }
    stage = Stage.ENDED;
  }

  /** Erases the chaining key. */
  @Override
  public void close() {
    state.close();
  }
}
