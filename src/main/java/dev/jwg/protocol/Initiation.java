package dev.jwg.protocol;

/** First message of a handshake, initiator to responder (whitepaper section 5.4.2): where its fields lie. */
public final class Initiation {
  static final int TYPE = 1;
  public static final int LENGTH = 148;

  public static final int SENDER = 4;
  public static final int EPHEMERAL = 8;
  public static final int STATIC = 40;
  public static final int STATIC_LENGTH = 32 + 16;
  public static final int TIMESTAMP = 88;
  public static final int TIMESTAMP_LENGTH = 12 + 16;
  public static final int MAC1 = 116;
  public static final int MAC2 = 132;

  private Initiation() {}
}
