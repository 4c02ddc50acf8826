package dev.jwg.route;

/**
 * Explicit congestion notification through a tunnel, as the kernel's WireGuard does it (include/net/inet_ecn.h). Values
 * are TOS or traffic class bytes.
 */
public final class Ecn {
  // RFC 3168 section 5.
  private static final int MASK = 0b11;
  private static final int NOT_ECT = 0b00;
  private static final int ECT_1 = 0b01;
  private static final int ECT_0 = 0b10;
  private static final int CE = 0b11;

  private Ecn() {}

  /**
   * Returns the outer byte for an inner one: {@code INET_ECN_encapsulate} for an outer DSCP of 0. ECN is copied, except
   * that CE becomes ECT(0) (RFC 3168 section 9.1.1, full functionality): outside, CE only says what the path did.
   */
  public static int outward(int inner) {
    int ecn = inner & MASK;
    return ecn == CE ? ECT_0 : ecn;
  }

  /**
   * Returns the inner byte after decapsulation: {@code INET_ECN_decapsulate} (RFC 6040 section 4.2, figure 4). Where
   * the RFC says to drop the packet, it is unchanged: the kernel's WireGuard ignores that verdict. See {@link #isLost}.
   */
  public static int inward(int outer, int inner) {
    int outerEcn = outer & MASK;
    int innerEcn = inner & MASK;
    boolean marked = outerEcn == CE || (outerEcn == ECT_1 && innerEcn == ECT_0);
    return marked && innerEcn != NOT_ECT ? (inner & ~MASK) | outerEcn : inner;
  }

  /** Returns whether the path marked congestion and the inner packet, which is Not-ECT, cannot carry the mark. */
  public static boolean isLost(int outer, int inner) {
    return (outer & MASK) == CE && (inner & MASK) == NOT_ECT;
  }
}
