package dev.jwg.cli;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/** Endpoints as getnameinfo(3) prints them: the zone of a link-local address by its interface's name. */
final class EndpointText {
  private EndpointText() {}

  static String of(Endpoint endpoint) {
    String host = host(endpoint);
    return (endpoint.address().isV6() ? "[" + host + "]" : host) + ":" + endpoint.port();
  }

  /** The address with its zone, if it has one. */
  static String host(Endpoint endpoint) {
    int scope = endpoint.scopeId();
    if (scope == 0) {
      return endpoint.address().toString();
    }
    return endpoint.address() + "%" + (isLinkLocal(endpoint.address()) ? interfaceName(scope) : scope);
  }

  /** {@code fe80::/10} (RFC 4291 section 2.5.6). */
  private static boolean isLinkLocal(IpAddress address) {
    return address.isV6() && address.high() >>> 54 == 0xfe80 >>> 6;
  }

  private static String interfaceName(int index) {
    try {
      NetworkInterface found = NetworkInterface.getByIndex(index);
      return found == null ? Integer.toString(index) : found.getName();
    } catch (SocketException unknown) {
      return Integer.toString(index);
    }
  }
}
