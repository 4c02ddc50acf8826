package dev.jwg.noise;

import dev.jwg.crypto.Blake2s;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.XAead;
import dev.jwg.net.Endpoint;
import dev.jwg.protocol.CookieReply;
import dev.jwg.protocol.Initiation;
import dev.jwg.protocol.Limits;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * Checks the MACs of handshake messages sent to us, and answers with cookies (whitepaper sections 5.3 and 5.4.7). It
 * remembers nothing about senders: a cookie is made anew from the sender's address, port and a secret of our own.
 * Messages are initiations or responses of the right length.
 */
public final class CookieChecker {
  private static final int SECRET_LENGTH = 32;

  private final byte[] mac1Key;
  private final byte[] cookieKey;
  private final SecureRandom random;
  private final byte[] secret = new byte[SECRET_LENGTH];
  private boolean secretDrawn;
  private long secretDrawnNs;

  /** A checker of messages to the owner of {@code own}. */
  public CookieChecker(PublicKey own, SecureRandom random) {
    this.mac1Key = MessageMacs.mac1Key(own);
    this.cookieKey = MessageMacs.cookieKey(own);
    this.random = random;
  }

  /** True if the sender knows our public key; everything else is not worth an answer. */
  public boolean checkMac1(byte[] message) {
    return MessageDigest.isEqual(MessageMacs.mac1(mac1Key, message), MessageMacs.readMac1(message));
  }

  /** True if the sender got a cookie of ours at this very address and port, not long ago. */
  public boolean checkMac2(byte[] message, Endpoint source, long nowNs) {
    return MessageDigest.isEqual(
        MessageMacs.mac2(cookie(source, nowNs), message), MessageMacs.readMac2(message));
  }

  /** The cookie for the sender of {@code message}, sealed so that only whoever saw that message can read it. */
  public byte[] createReply(byte[] message, Endpoint source, long nowNs) {
    byte[] nonce = new byte[XAead.NONCE_LENGTH];
    random.nextBytes(nonce);
    byte[] sealed = XAead.seal(cookieKey, nonce, MessageMacs.readMac1(message), cookie(source, nowNs));

    byte[] reply = new byte[CookieReply.LENGTH];
    LittleEndian.putInt(reply, 0, MessageType.COOKIE_REPLY.code());
    // Initiation and response have their sender at the same place.
    LittleEndian.putInt(reply, CookieReply.RECEIVER, LittleEndian.getInt(message, Initiation.SENDER));
    System.arraycopy(nonce, 0, reply, CookieReply.NONCE, nonce.length);
    System.arraycopy(sealed, 0, reply, CookieReply.COOKIE, sealed.length);
    return reply;
  }

  private byte[] cookie(Endpoint source, long nowNs) {
    if (!secretDrawn || nowNs - secretDrawnNs >= Limits.COOKIE_SECRET_LIFE_NS) {
      random.nextBytes(secret);
      secretDrawn = true;
      secretDrawnNs = nowNs;
    }
    byte[] port = {(byte) (source.port() >>> 8), (byte) source.port()};
    return Blake2s.mac(secret, source.address().toBytes(), port);
  }
}
