package dev.jwg.config;

import dev.jwg.net.IpAddress;

/**
 * A DNS server.
 *
 * @param zone the interface of a link-local address, such as {@code wg0}; empty for none
 */
public record NameServer(IpAddress address, String zone) {

  public NameServer(IpAddress address) {
    this(address, "");
  }

  /** {@code 10.0.0.53}, {@code fe80::1%wg0}. */
  @Override
  public String toString() {
    return zone.isEmpty() ? address.toString() : address + "%" + zone;
  }
}
