package dev.jwg.route;
/** Stub. */
public final class Unreachable {
  public static final int MAX_LENGTH = 1280;
  private Unreachable() {}
  /** Stub. */
  public static int write(byte[] packet, int offset, int length, byte[] out, int outOffset) { return 0; }
}
