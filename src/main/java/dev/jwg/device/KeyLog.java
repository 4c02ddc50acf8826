package dev.jwg.device;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;

/** Hears the secrets of each handshake: the one way on which they leave it, and only where somebody asked for them. */
public interface KeyLog {
  /** Hears and keeps nothing. */
  KeyLog NONE = (localStatic, remoteStatic, ephemeral, presharedKey) -> {};

  /**
   * A message of ours is about to be made. Called on the control thread, before the message is sent, so that whoever
   * reads along has the keys first. Never throws.
   *
   * @param ephemeral erased when the handshake is over, as ever
   * @param presharedKey all zero if none is configured; our response is made with it, while a response to our
   *     initiation is consumed with the one configured by then
   */
  void handshake(PrivateKey localStatic, PublicKey remoteStatic, PrivateKey ephemeral, PresharedKey presharedKey);
}
