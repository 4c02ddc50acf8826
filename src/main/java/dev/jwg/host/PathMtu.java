package dev.jwg.host;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Picks the tunnel's MTU as wg-quick(8) does: what each endpoint's route carries, less the room that WireGuard needs. */
final class PathMtu {
  /** IPv6 header 40, UDP header 8, transport data header 16, authentication tag 16. */
  private static final int OVERHEAD = 80;

  private static final int ETHERNET = 1500;

  /** A route as far as MTUs go. Either may be 0 for "not said". */
  private record Route(int mtu, int interfaceIndex) {
    static Route read(NetlinkAttributes attributes) {
      int mtu = attributes.nested(Rtnetlink.RTA_METRICS).s32(Rtnetlink.RTAX_MTU, 0);
      return new Route(mtu, attributes.s32(Rtnetlink.RTA_OIF, 0));
    }
  }

  private final NetlinkSocket socket;

  PathMtu(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** The smallest of the endpoints' path MTUs, else that of the IPv4 default route, else Ethernet's; less overhead. */
  int forTunnelTo(Collection<IpAddress> endpoints) throws IOException {
    int smallest = 0;
    for (IpAddress endpoint : endpoints) {
      int mtu = ofFirst(routeTo(endpoint));
      smallest = smallest == 0 || (mtu > 0 && mtu < smallest) ? mtu : smallest;
    }
    if (smallest == 0) {
      smallest = ofFirst(defaultRoutes());
    }
    return (smallest == 0 ? ETHERNET : smallest) - OVERHEAD;
  }

  /** The MTU of the first route: the kernel lists the one it uses first. 0 if there is none or it does not say. */
  private int ofFirst(List<Route> routes) throws IOException {
    if (routes.isEmpty()) {
      return 0;
    }
    Route first = routes.get(0);
    if (first.mtu > 0 || first.interfaceIndex == 0) {
      return first.mtu;
    }
    return Link.numbered(socket, first.interfaceIndex).mtu();
  }

  private List<Route> routeTo(IpAddress endpoint) throws IOException {
    List<Route> routes = new ArrayList<>();
    NetlinkRequest get =
        get("get route " + endpoint, endpoint.isV6(), endpoint.bits())
            .attribute(Rtnetlink.RTA_DST, endpoint.toBytes());
    try {
      socket.query(get, answer -> routes.add(Route.read(answer.attributes(Rtnetlink.RTMSG_LENGTH))));
    } catch (SystemCallException unreachable) {
      return List.of(); // an endpoint that cannot be reached now says nothing about the MTU
    }
    return routes;
  }

  private List<Route> defaultRoutes() throws IOException {
    return socket.dump(
        get("get routes", false, 0),
        (message, found) -> {
          NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_LENGTH);
          boolean isDefault = message.u8(1) == 0;
          if (isDefault && attributes.s32(Rtnetlink.RTA_TABLE, 0) == Rtnetlink.RT_TABLE_MAIN) {
            found.accept(Route.read(attributes));
          }
        });
  }

  private static NetlinkRequest get(String purpose, boolean isV6, int length) {
    return new NetlinkRequest(purpose, Rtnetlink.RTM_GETROUTE, 0)
        .u8(Families.of(isV6))
        .u8(length)
        .u16(0)
        .u32(0)
        .u32(0);
  }
}
