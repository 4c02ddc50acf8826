package dev.jwg.protocol;

/** Second message of a handshake, responder to initiator (whitepaper section 5.4.3): where its fields lie. */
public final class Response {
  static final int TYPE = 2;
  public static final int LENGTH = 92;

  public static final int SENDER = 4;
  public static final int RECEIVER = 8;
  public static final int EPHEMERAL = 12;
  public static final int EMPTY = 44;
  public static final int EMPTY_LENGTH = 16;
  public static final int MAC1 = 60;
  public static final int MAC2 = 76;

  private Response() {}
}
