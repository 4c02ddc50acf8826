package dev.jwg.protocol;

/** A sealed inner packet (whitepaper section 5.4.6): where its fields lie. */
public final class TransportData {
  static final int TYPE = 4;

  public static final int RECEIVER = 4;
  public static final int COUNTER = 8;
  public static final int PACKET = 16;
  public static final int HEADER_LENGTH = PACKET;
  public static final int TAG_LENGTH = 16;

  /** A keepalive: no packet, only the tag. */
  public static final int MIN_LENGTH = HEADER_LENGTH + TAG_LENGTH;

  /** Inner packets are padded with zeros to a multiple of this, though not beyond the MTU. */
  public static final int PADDING = 16;

  private TransportData() {}
}
