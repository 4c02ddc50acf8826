package dev.jwg.config;

/**
 * Where a peer is to be found, before DNS was asked.
 *
 * @param host a name, or an address which may carry a zone; without brackets
 * @param port 1 to 65535
 */
public record PeerEndpoint(String host, int port) {

  /** {@code vpn.example.com:51820}, {@code [2001:db8::1]:51820}. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
