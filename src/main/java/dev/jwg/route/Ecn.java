package dev.jwg.route;

/** Explicit congestion notification through a tunnel (RFC 6040). Values are TOS or traffic class bytes. */
public final class Ecn {
  /** {@link #inward} says: the path is congested and the sender would not understand it, so drop the packet. */
  public static final int DROP = -1;

  // RFC 3168 section 5.
  private static final int MASK = 0b11;
  private static final int NOT_ECT = 0b00;
  private static final int ECT_1 = 0b01;
  private static final int ECT_0 = 0b10;
  private static final int CE = 0b11;

  private Ecn() {}

  /** The outer byte for an inner one: ECN copied (RFC 6040 section 4.1, normal mode), DSCP kept to ourselves. */
  public static int outward(int inner) {
    return inner & MASK;
  }

  /** The inner byte after decapsulation (RFC 6040 section 4.2, figure 4), or {@link #DROP}. */
  public static int inward(int outer, int inner) {
    int outerEcn = outer & MASK;
    int innerEcn = inner & MASK;
    if (innerEcn == NOT_ECT) {
      return outerEcn == CE ? DROP : inner;
    }
    boolean marked = outerEcn == CE || (outerEcn == ECT_1 && innerEcn == ECT_0);
    return marked ? (inner & ~MASK) | outerEcn : inner;
  }
}
