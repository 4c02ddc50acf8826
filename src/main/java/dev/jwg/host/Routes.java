package dev.jwg.host;

import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkMessage;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Routes into one interface, as {@code ip route add PREFIX dev NAME table TABLE} makes them, with the {@link Tag}. */
final class Routes {
  private static final int RTMSG_DST_LEN = 1; // offsets in struct rtmsg, linux/rtnetlink.h
  private static final int RTMSG_TABLE = 4;
  private static final int RTMSG_PROTOCOL = 5;

  /** A destination in a table. */
  private record Entry(IpPrefix destination, int table) {}

  private final NetlinkSocket socket;
  private final Link link;
  private final Ipv6 ipv6;
  private final Undo undo;

  Routes(NetlinkSocket socket, Link link, Ipv6 ipv6, Undo undo) {
    this.socket = socket;
    this.link = link;
    this.ipv6 = ipv6;
    this.undo = undo;
  }

  /** The destinations that a table already sends into the interface. */
  Set<IpPrefix> present(int table) throws IOException {
    return new HashSet<>(
        dump(
            socket,
            message -> {
              NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_LENGTH);
              boolean isOurs = attributes.s32(Rtnetlink.RTA_OIF, 0) == link.index();
              return isOurs && table(message, attributes) == table ? destination(message, attributes) : null;
            }));
  }

  /** Returns the numbers of the tables that have routes of either family. */
  static Set<Integer> tablesInUse(NetlinkSocket socket) throws IOException {
    return new HashSet<>(dump(socket, message -> table(message, message.attributes(Rtnetlink.RTMSG_LENGTH))));
  }

  /**
   * Takes over what an endpoint that was killed left on a persistent interface. Routes that are wanted in a table will be
   * undone as if they were added now; others are removed.
   */
  void takeOver(Collection<IpPrefix> wanted, int wantedTable) throws IOException {
    List<Entry> left =
        dump(
            socket,
            message -> {
              NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_LENGTH);
              boolean isOurs =
                  attributes.s32(Rtnetlink.RTA_OIF, 0) == link.index() && message.u8(RTMSG_PROTOCOL) == Tag.JWG;
              return isOurs ? new Entry(destination(message, attributes), table(message, attributes)) : null;
            });
    for (Entry entry : left) {
      List<IpPrefix> destination = List.of(entry.destination);
      if (entry.table == wantedTable && wanted.contains(entry.destination)) {
        undo.push("remove routes dev " + link.name(), () -> remove(destination, wantedTable));
      } else {
        remove(destination, entry.table);
      }
    }
  }

  /** Removes jwg's default routes from a table whose endpoint was killed; a persistent interface keeps them. */
  static void removeDefaults(NetlinkSocket socket, int table) throws IOException {
    for (boolean isV6 : new boolean[] {false, true}) {
      NetlinkRequest removal =
          request("remove default route table " + Integer.toUnsignedString(table), Rtnetlink.RTM_DELROUTE, 0, isV6, 0)
              .attribute(Rtnetlink.RTA_TABLE, table);
      try {
        Gone.ignored(() -> socket.request(removal));
      } catch (SystemCallException e) {
        if (!isV6 || !Ipv6.isOff(e)) {
          throw e;
        }
      }
    }
  }

  /**
   * Adds routes of both families to a table.
   *
   * @throws IOException the kernel refused one, for another reason than that IPv6 is off; others may have been added
   */
  void add(List<IpPrefix> destinations, int table) throws IOException {
    for (boolean isV6 : new boolean[] {false, true}) {
      List<IpPrefix> ofFamily = destinations.stream().filter(prefix -> prefix.address().isV6() == isV6).toList();
      if (!ofFamily.isEmpty() && !(isV6 && ipv6.isOff())) {
        addFamily(ofFamily, isV6, table);
      }
    }
  }

  private void addFamily(List<IpPrefix> destinations, boolean isV6, int table) throws IOException {
    List<IpPrefix> added = new ArrayList<>();
    undo.push("remove routes dev " + link.name(), () -> remove(added, table));
    @Nullable SystemCallException[] failure = {null};
    socket.batch(
        destinations.size(),
        position -> adding(destinations.get(position), table),
        (position, refusal) -> {
          if (refusal == null) {
            added.add(destinations.get(position));
          } else if (failure[0] == null) {
            failure[0] = refusal;
          }
        });
    if (failure[0] != null && !(isV6 && ipv6.isRefusedBy(failure[0]))) {
      throw failure[0];
    }
  }

  /** Removes routes of ours from a table; those of the kernel's or of other programs stay, as do all that are gone. */
  void remove(List<IpPrefix> destinations, int table) throws IOException {
    @Nullable SystemCallException[] failure = {null};
    socket.batch(
        destinations.size(),
        position -> removing(destinations.get(position), table),
        (position, refusal) -> {
          if (refusal != null && !Gone.is(refusal)) {
            failure[0] = refusal;
          }
        });
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  private NetlinkRequest adding(IpPrefix destination, int table) {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL;
    return request("add", Rtnetlink.RTM_NEWROUTE, flags, destination, table);
  }

  private NetlinkRequest removing(IpPrefix destination, int table) {
    return request("remove", Rtnetlink.RTM_DELROUTE, 0, destination, table);
  }

  private NetlinkRequest request(String verb, int type, int flags, IpPrefix destination, int table) {
    IpAddress address = destination.address();
    String tableText = table == Rtnetlink.RT_TABLE_MAIN ? "" : " table " + Integer.toUnsignedString(table);
    String purpose = verb + " route " + destination + " dev " + link.name() + tableText;
    NetlinkRequest request = request(purpose, type, flags, address.isV6(), destination.length());
    if (destination.length() > 0) {
      request.attribute(Rtnetlink.RTA_DST, address.toBytes());
    }
    return request.attribute(Rtnetlink.RTA_OIF, link.index()).attribute(Rtnetlink.RTA_TABLE, table);
  }

  /** {@code struct rtmsg}: family, lengths of destination and source, TOS, table, protocol, scope, type, flags. */
  private static NetlinkRequest request(String purpose, int type, int flags, boolean isV6, int length) {
    return new NetlinkRequest(purpose, type, flags)
        .u8(Families.of(isV6))
        .u8(length)
        .u8(0)
        .u8(0)
        .u8(Rtnetlink.RT_TABLE_UNSPEC)
        .u8(Tag.JWG)
        .u8(isV6 ? Rtnetlink.RT_SCOPE_UNIVERSE : Rtnetlink.RT_SCOPE_LINK)
        .u8(Rtnetlink.RTN_UNICAST)
        .u32(0);
  }

  private static <T> List<T> dump(NetlinkSocket socket, Function<NetlinkMessage, @Nullable T> reader)
      throws IOException {
    List<T> found = new ArrayList<>();
    for (boolean isV6 : new boolean[] {false, true}) {
      NetlinkRequest get =
          new NetlinkRequest("get routes", Rtnetlink.RTM_GETROUTE, 0)
              .u8(Families.of(isV6))
              .u8(0)
              .u16(0)
              .u32(0)
              .u32(0);
      found.addAll(
          socket.<T>dump(
              get,
              (message, accepted) -> {
                T read = reader.apply(message);
                if (read != null) {
                  accepted.accept(read);
                }
              }));
    }
    return found;
  }

  private static int table(NetlinkMessage message, NetlinkAttributes attributes) {
    return attributes.s32(Rtnetlink.RTA_TABLE, message.u8(RTMSG_TABLE));
  }

  private static IpPrefix destination(NetlinkMessage message, NetlinkAttributes attributes) {
    IpAddress address = Families.address(message.u8(0), attributes.bytes(Rtnetlink.RTA_DST));
    return new IpPrefix(address, message.u8(RTMSG_DST_LEN));
  }
}
