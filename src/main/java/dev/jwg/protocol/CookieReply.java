package dev.jwg.protocol;

/** What a peer under load answers instead of a handshake message (whitepaper section 5.4.7): where its fields lie. */
public final class CookieReply {
  static final int TYPE = 3;
  public static final int LENGTH = 64;

  public static final int RECEIVER = 4;
  public static final int NONCE = 8;
  public static final int COOKIE = 32;

  private CookieReply() {}
}
