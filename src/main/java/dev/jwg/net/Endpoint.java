package dev.jwg.net;

/**
 * Where a peer is reached: its outer address and port, and the local side that it last contacted.
 *
 * @param address the peer's outer address
 * @param port the peer's UDP port, 1 to 65535
 * @param scopeId interface index of a link-local IPv6 address, else 0
 * @param source the local address and interface replies leave from
 */
public record Endpoint(IpAddress address, int port, int scopeId, Source source) {

  /**
   * The local side of an exchange ("sticky source").
   *
   * @param address local address, same family as the endpoint's, or {@link IpAddress#ANY_V4} for none
   * @param interfaceIndex interface the peer's datagram came in on, or 0 for none
   */
  public record Source(IpAddress address, int interfaceIndex) {
    /** No preference: the kernel's routing decides. */
    public static final Source NONE = new Source(IpAddress.ANY_V4, 0);
  }

  public Endpoint(IpAddress address, int port) {
    this(address, port, 0, Source.NONE);
  }

  public Endpoint withoutSource() {
    return source.equals(Source.NONE) ? this : new Endpoint(address, port, scopeId, Source.NONE);
  }

  /** True if both name the same remote address and port, whatever their local sides. */
  public boolean sameRemote(Endpoint other) {
    return port == other.port && scopeId == other.scopeId && address.equals(other.address);
  }

  /** {@code 192.0.2.1:51820}, {@code [2001:db8::1]:51820} or {@code [fe80::1%2]:51820}. */
  @Override
  public String toString() {
    if (!address.isV6()) {
      return address + ":" + port;
    }
    return "[" + address + (scopeId == 0 ? "" : "%" + scopeId) + "]:" + port;
  }
}
