package dev.jwg.net;

/**
 * Where a peer is reached: its outer address and port, and the local side that it last contacted.
 *
 * @param address the peer's outer address
 * @param port the peer's UDP port, 1 to 65535
 * @param scopeId interface index of a link-local IPv6 address, else 0
 * @param source the local address that datagrams leave from
 */
public record Endpoint(IpAddress address, int port, int scopeId, Source source) {

  /**
   * The local side of an exchange ("sticky source").
   *
   * @param address local address, same family as the endpoint's, or {@link IpAddress#ANY_V4} for none
   * @param interfaceIndex the only interface that datagrams may leave by, or 0 if the routing table decides, or
   *     {@link #NOWHERE}
   */
  public record Source(IpAddress address, int interfaceIndex) {
    /** In place of an interface: datagrams may not leave at all. */
    public static final int NOWHERE = -1;

    /** No preference: the kernel's routing decides. */
    public static final Source NONE = new Source(IpAddress.ANY_V4, 0);

    /** True if an address is named that datagrams are to leave from. */
    public boolean hasAddress() {
      return (address.high() | address.low()) != 0;
    }
  }

  public Endpoint(IpAddress address, int port) {
    this(address, port, 0, Source.NONE);
  }

  public Endpoint withoutSource() {
    return source.equals(Source.NONE) ? this : new Endpoint(address, port, scopeId, Source.NONE);
  }

  /** True if {@link Source#NOWHERE} keeps datagrams from leaving. */
  public boolean isCutOff() {
    return source.interfaceIndex() == Source.NOWHERE;
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
