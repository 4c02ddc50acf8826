package dev.jwg.route;

/**
 * The ICMP errors that tell a local sender at once that no peer owns the destination of its packet.
 *
 * <p>Their source is the destination that cannot be reached: Linux drops a packet that comes in from a TUN device with one
 * of its own addresses as source (a "martian"), and the return route of this one leads to the device whatever rp_filter says.
 */
public final class Unreachable {
  /** Room that an error needs at most: the smallest IPv6 MTU (RFC 4443 section 2.4 c). */
  public static final int MAX_LENGTH = UnreachableV6.MAX_LENGTH;

  private Unreachable() {}

  /**
   * Answers a packet that {@link IpPacket#check} accepted.
   *
   * @param into where the error goes, at {@code at}; has room for {@link #MAX_LENGTH} bytes
   * @return the error's length, or 0 if the packet must not be answered
   */
  public static int write(byte[] packet, int offset, byte[] into, int at) {
    return IpPacket.isV6(packet, offset)
        ? UnreachableV6.write(packet, offset, into, at)
        : UnreachableV4.write(packet, offset, into, at);
  }
}
