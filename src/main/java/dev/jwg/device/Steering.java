package dev.jwg.device;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.util.List;

/**
 * How datagrams to a peer leave the host.
 *
 * @param refused local addresses that the peer may name but that datagrams do not leave from
 * @param exit the only interface to leave by, or 0 if the routing table decides, or {@link Endpoint.Source#NOWHERE}
 */
record Steering(List<IpAddress> refused, int exit) {
  /** From the address that the peer contacted, as the routing table says. */
  static final Steering BY_TABLE = new Steering(List.of(), 0);

  private static final IpAddress ANY_V6 = IpAddress.v6(0, 0);

  Steering {
    refused = List.copyOf(refused);
  }

  /** The endpoint with the source that datagrams leave from. */
  Endpoint steered(Endpoint told) {
    IpAddress address = told.source().address();
    if (refused.contains(address)) {
      address = IpAddress.ANY_V4;
    }
    int leaving = told.scopeId() == 0 && exit != 0 ? exit : told.source().interfaceIndex();
    if (leaving != 0 && told.scopeId() == 0 && told.address().isV6()) {
      // Linux keeps to a named IPv6 interface only where no source address is named.
      address = ANY_V6;
    }
    Endpoint.Source source = new Endpoint.Source(address, leaving);
    return source.equals(told.source())
        ? told
        : new Endpoint(told.address(), told.port(), told.scopeId(), source);
  }
}
