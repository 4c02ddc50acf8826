package dev.jwg.udp;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkMessage;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Asks the kernel's routing (rtnetlink(7), RTM_GETROUTE) for the way of outer datagrams. Not thread-safe. */
final class RouteLookup implements AutoCloseable {
  private static final int IPPROTO_UDP = 17; // linux/in.h
  private static final int LOOPBACK = 1;

  /**
   * What the kernel says where no route leads, or where a rule or a route refuses: EINVAL also stands for a source that is
   * no address of the host, and for a blackhole.
   */
  private static final Set<Errno> NO_WAY =
      EnumSet.of(
          Errno.ENETUNREACH,
          Errno.EHOSTUNREACH,
          Errno.EINVAL,
          Errno.EACCES,
          Errno.EADDRNOTAVAIL,
          Errno.ENETDOWN,
          Errno.ENODEV);

  /** An interface that could be left by, and how well its route fits. */
  private record Exit(int interfaceIndex, int prefixLength, long metric) {}

  private final NetlinkSocket socket;

  /** Opens a socket in the calling thread's network namespace. */
  RouteLookup() throws IOException {
    socket = NetlinkSocket.open();
  }

  /** As {@link Udp#path}. */
  Optional<OuterPath> path(Endpoint endpoint, int localPort, int fwmark) throws IOException {
    return path(endpoint, localPort, fwmark, endpoint.scopeId());
  }

  private Optional<OuterPath> path(Endpoint endpoint, int localPort, int fwmark, int exit) throws IOException {
    return ask(
        request(endpoint, localPort, fwmark, exit, 0),
        answer -> {
          NetlinkAttributes attributes = answer.attributes(Rtnetlink.RTMSG_LENGTH);
          byte[] preferred = attributes.bytes(Rtnetlink.RTA_PREFSRC);
          // IPv6 names what it would prefer, also where a source was asked for.
          boolean isChosen = preferred.length > 0 && !isFromSource(endpoint);
          IpAddress source =
              isChosen ? IpAddress.read(preferred, 0, preferred.length) : endpoint.source().address();
          return new OuterPath(attributes.s32(Rtnetlink.RTA_OIF, 0), source);
        });
  }

  /** As {@link Udp#pathAround}. */
  Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint, int localPort, int fwmark)
      throws IOException {
    // IPv6 keeps to a named interface only where no source is named (ip6_route_output of the kernel's net/ipv6/route.c).
    Endpoint asked = endpoint.address().isV6() ? endpoint.withoutSource() : endpoint;
    List<Exit> exits = new ArrayList<>();
    for (int link : linksUp()) {
      if (link != avoided && link != LOOPBACK) {
        // Without FIB_MATCH, IPv4 would take the peer to be on the link where there is no route.
        ask(
                request(asked, localPort, fwmark, link, Rtnetlink.RTM_F_FIB_MATCH),
                answer -> exit(link, answer))
            .ifPresent(exits::add);
      }
    }
    Optional<Exit> best =
        exits.stream()
            .min(
                Comparator.comparingInt((Exit exit) -> -exit.prefixLength)
                    .thenComparingLong(Exit::metric)
                    .thenComparingInt(exit -> exit.interfaceIndex == preferred ? 0 : 1));
    return best.isEmpty() ? Optional.empty() : path(asked, localPort, fwmark, best.get().interfaceIndex);
  }

  private static Exit exit(int link, NetlinkMessage answer) {
    NetlinkAttributes attributes = answer.attributes(Rtnetlink.RTMSG_LENGTH);
    int prefixLength = answer.u8(1);
    return new Exit(link, prefixLength, Integer.toUnsignedLong(attributes.s32(Rtnetlink.RTA_PRIORITY, 0)));
  }

  private List<Integer> linksUp() throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get links", Rtnetlink.RTM_GETLINK, 0)
            .u8(Rtnetlink.AF_UNSPEC)
            .u8(0)
            .u16(0)
            .u32(0)
            .u32(0)
            .u32(0);
    // struct ifinfomsg: the index is at byte 4, the flags at byte 8
    return socket.dump(
        get,
        (message, found) -> {
          if ((message.s32(8) & Rtnetlink.IFF_UP) != 0) {
            found.accept(message.s32(4));
          }
        });
  }

  private interface Reader<T> {
    T read(NetlinkMessage answer);
  }

  private <T> Optional<T> ask(NetlinkRequest request, Reader<T> reader) throws IOException {
    List<T> found = new ArrayList<>(1);
    try {
      socket.query(request, answer -> found.add(reader.read(answer)));
    } catch (SystemCallException e) {
      if (NO_WAY.stream().noneMatch(e::is)) {
        throw e;
      }
      return Optional.empty();
    }
    return found.stream().findFirst();
  }

  /** {@code struct rtmsg} and the fields of a flow that rules can select by. */
  private static NetlinkRequest request(Endpoint endpoint, int localPort, int fwmark, int exit, int flags) {
    IpAddress address = endpoint.address();
    Endpoint.Source source = endpoint.source();
    boolean fromSource = isFromSource(endpoint);
    NetlinkRequest request =
        new NetlinkRequest("get route " + address, Rtnetlink.RTM_GETROUTE, 0)
            .u8(address.isV6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET)
            .u8(address.bits())
            .u8(fromSource ? address.bits() : 0)
            .u8(0)
            .u32(0)
            .u32(flags)
            .attribute(Rtnetlink.RTA_DST, address.toBytes())
            .attribute(Rtnetlink.RTA_IP_PROTO, new byte[] {IPPROTO_UDP})
            .attribute(Rtnetlink.RTA_SPORT, networkShort(localPort))
            .attribute(Rtnetlink.RTA_DPORT, networkShort(endpoint.port()));
    if (fromSource) {
      request.attribute(Rtnetlink.RTA_SRC, source.address().toBytes());
    }
    if (exit != 0) {
      request.attribute(Rtnetlink.RTA_OIF, exit);
    }
    if (fwmark != 0) {
      request.attribute(Rtnetlink.RTA_MARK, fwmark);
    }
    return request;
  }

  private static boolean isFromSource(Endpoint endpoint) {
    Endpoint.Source source = endpoint.source();
    return source.hasAddress() && source.address().isV6() == endpoint.address().isV6();
  }

  private static byte[] networkShort(int value) {
    return new byte[] {(byte) (value >>> 8), (byte) value};
  }

  @Override
  public void close() {
    socket.close();
  }
}
