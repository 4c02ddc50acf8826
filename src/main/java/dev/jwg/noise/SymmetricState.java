package dev.jwg.noise;

import dev.jwg.crypto.Aead;
import dev.jwg.crypto.Blake2s;
import dev.jwg.crypto.Kdf;
import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Noise's SymmetricState (Noise specification section 5.2): chaining key, hash and the key of the next field. */
final class SymmetricState implements AutoCloseable {
  // Whitepaper section 5.4, "Construction" and "Identifier".
  private static final byte[] INITIAL_CHAINING_KEY = Blake2s.hash(ascii("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
  private static final byte[] INITIAL_HASH =
      Blake2s.hash(INITIAL_CHAINING_KEY, ascii("WireGuard v1 zx2c4 Jason@zx2c4.com"));

  /** In this pattern every field has a key of its own, so the counter never moves. */
  private static final long COUNTER = 0;

  private static final byte[] NOTHING = {};

  private final byte[] chainingKey;
  private final byte[] hash;
  private final byte[] key;

  private SymmetricState(byte[] chainingKey, byte[] hash, byte[] key) {
    this.chainingKey = chainingKey;
    this.hash = hash;
    this.key = key;
  }

  /** The state before the first message, once the responder's static key is mixed in as the pattern's pre-message. */
  static SymmetricState towards(PublicKey responder) {
    SymmetricState state = new SymmetricState(INITIAL_CHAINING_KEY.clone(), INITIAL_HASH.clone(), new byte[32]);
    state.mixHash(responder.toBytes());
    return state;
  }

  SymmetricState copy() {
    return new SymmetricState(chainingKey.clone(), hash.clone(), key.clone());
  }

  void mixHash(byte[] input) {
    overwrite(hash, Blake2s.hash(hash, input));
  }

  void mixKey(byte[] input) {
    byte[][] next = Kdf.kdf2(chainingKey, input);
    overwrite(chainingKey, next[0]);
    overwrite(key, next[1]);
  }

  /**
   * {@link #mixKey} of a Diffie-Hellman result, which is erased.
   *
   * @return false if the result is all zero: the handshake must not go on
   */
  boolean mixDh(PrivateKey ours, PublicKey theirs) {
    byte[] secret = X25519.sharedSecret(ours, theirs);
    if (secret == null) {
      return false;
    }
    mixKey(secret);
    Arrays.fill(secret, (byte) 0);
    return true;
  }

  /** Noise's token "e" where a preshared key is in play: an ephemeral key goes into both (section 9.2). */
  void mixEphemeral(PublicKey ephemeral) {
    mixKey(ephemeral.toBytes());
    mixHash(ephemeral.toBytes());
  }

  /** Noise's token "psk". */
  void mixPsk(PresharedKey presharedKey) {
    byte[] secret = presharedKey.toBytes();
    mixKeyAndHash(secret);
    Arrays.fill(secret, (byte) 0);
  }

  void mixKeyAndHash(byte[] input) {
    byte[][] next = Kdf.kdf3(chainingKey, input);
    overwrite(chainingKey, next[0]);
    mixHash(next[1]);
    overwrite(key, next[2]);
  }

  byte[] encryptAndHash(byte[] plaintext) {
    byte[] sealed = Aead.seal(key, COUNTER, hash, plaintext);
    mixHash(sealed);
    return sealed;
  }

  /** The plaintext, or null if it is not authentic; the state is then unchanged. */
  byte @Nullable [] decryptAndHash(byte[] sealed) {
    byte[] plaintext = Aead.open(key, COUNTER, hash, sealed);
    if (plaintext != null) {
      mixHash(sealed);
    }
    return plaintext;
  }

  /** The two transport keys: of the initiator's messages and of the responder's. */
  byte[][] split() {
    return Kdf.kdf2(chainingKey, NOTHING);
  }

  @Override
  public void close() {
    Arrays.fill(chainingKey, (byte) 0);
    Arrays.fill(hash, (byte) 0);
    Arrays.fill(key, (byte) 0);
  }

  private static void overwrite(byte[] state, byte[] next) {
    System.arraycopy(next, 0, state, 0, state.length);
    Arrays.fill(next, (byte) 0);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
