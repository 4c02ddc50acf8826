package dev.jwg.noise;

import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A peer's static key and the secret it shares with ours, computed once: every handshake needs it, and an attacker who
 * knows both public keys could make us compute it again and again.
 */
public final class RemoteStatic implements AutoCloseable {
  private static final byte[] NONE = {};

  private final PublicKey publicKey;
  private final byte[] secret;
  private boolean usable;

  private RemoteStatic(PublicKey publicKey, byte @Nullable [] secret) {
    this.publicKey = publicKey;
    this.secret = secret == null ? NONE : secret;
    this.usable = secret != null;
  }

  public static RemoteStatic of(LocalStatic local, PublicKey remote) {
    return new RemoteStatic(remote, X25519.sharedSecret(local.privateKey(), remote));
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** False if the peer's key is a point of small order, or after {@link #close}: every handshake then fails. */
  public boolean isUsable() {
    return usable;
  }

  /** Mixes the static-static secret; false if there is none. */
  boolean mixInto(SymmetricState state) {
    if (usable) {
      state.mixKey(secret);
    }
    return usable;
  }

  /** Erases the secret. */
  @Override
  public void close() {
    usable = false;
    Arrays.fill(secret, (byte) 0);
  }
}
