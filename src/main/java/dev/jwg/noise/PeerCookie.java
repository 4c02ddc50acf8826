package dev.jwg.noise;

import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.XAead;
import dev.jwg.protocol.CookieReply;
import dev.jwg.protocol.Limits;
import dev.jwg.protocol.MessageType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes the MACs of handshake messages to one peer, and keeps the cookie it gives us (whitepaper sections 5.4.4 and
 * 5.4.7).
 */
public final class PeerCookie {
  private final byte[] mac1Key;
  private final byte[] cookieKey;

  /** Mac1 of the last message, until a reply to it was consumed. */
  private byte @Nullable [] unanswered;

  private long stampedNs;
  private byte @Nullable [] cookie;
  private long cookieSinceNs;

  /** The MACs of messages to {@code peer}. */
  public PeerCookie(PublicKey peer) {
    this.mac1Key = MessageMacs.mac1Key(peer);
    this.cookieKey = MessageMacs.cookieKey(peer);
  }

  /** Completes an initiation or response: mac1, and mac2 if we hold a cookie that the peer still takes, else zeros. */
  public void stamp(byte[] message, long nowNs) {
    byte[] mac1 = MessageMacs.mac1(mac1Key, message);
    System.arraycopy(mac1, 0, message, MessageMacs.mac1Offset(message), mac1.length);
    unanswered = mac1;
    stampedNs = nowNs;

    if (cookie != null && nowNs - cookieSinceNs >= Limits.COOKIE_LIFE_NS) {
      cookie = null;
    }
    int mac2Offset = MessageMacs.mac2Offset(message);
    if (cookie == null) {
      Arrays.fill(message, mac2Offset, message.length, (byte) 0);
    } else {
      byte[] mac2 = MessageMacs.mac2(cookie, message);
      System.arraycopy(mac2, 0, message, mac2Offset, mac2.length);
    }
  }

  /**
   * Takes the cookie out of a reply to the last message stamped. As in kernel cookie.c, each message admits one reply.
   * The cookie's age counts from that message, since the peer made it no earlier.
   *
   * @return false if the reply answers another message or is forged; nothing has changed then
   */
  public boolean consumeReply(byte[] reply) {
    if (unanswered == null || MessageType.classify(reply, 0, reply.length) != MessageType.COOKIE_REPLY) {
      return false;
    }
    byte[] nonce = Arrays.copyOfRange(reply, CookieReply.NONCE, CookieReply.COOKIE);
    byte[] sealed = Arrays.copyOfRange(reply, CookieReply.COOKIE, CookieReply.LENGTH);
    byte[] opened = XAead.open(cookieKey, nonce, unanswered, sealed);
    if (opened == null) {
      return false;
    }
    cookie = opened;
    cookieSinceNs = stampedNs;
    unanswered = null;
    return true;
  }
}
