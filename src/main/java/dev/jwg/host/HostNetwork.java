package dev.jwg.host;

import dev.jwg.config.RoutingTable;
import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code wg-quick up} does to the host's network for one interface, in the order in which it is usually called:
 * addresses, MTU, link up, routes. Each change tells the {@link Undo} how to take it back; what is already as wanted is
 * left alone and not undone, so that an interface prepared by someone else needs no privileges here.
 *
 * <p>Works in the network namespace of the thread that made it, whichever thread undoes it. Not thread-safe.
 */
public final class HostNetwork {

  /** The mark of what the endpoint sends. */
  public interface Fwmark {
    /** The mark in use; 0 for none. */
    int get() throws IOException;

    void set(int mark) throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(HostNetwork.class);

  private final NetlinkSocket socket;
  private final Link link;
  private final Undo undo;
  private final Undo undoDefaults = new Undo();
  private final Addresses addresses;
  private final Routes routes;
  private final DefaultRoutes defaultRoutes;
  private boolean tookOver;

  private HostNetwork(NetlinkSocket socket, Link link, Undo undo) {
    this.socket = socket;
    this.link = link;
    this.undo = undo;
    Ipv6 ipv6 = new Ipv6(socket, link);
    addresses = new Addresses(socket, link, ipv6, undo);
    routes = new Routes(socket, link, ipv6, undo);
    defaultRoutes = new DefaultRoutes(socket, link, ipv6, addresses, undoDefaults);
  }

  /**
   * The network as seen from one interface. Holds a socket until the undo is done.
   *
   * @throws IOException there is no such interface
   */
  public static HostNetwork of(String interfaceName, Undo undo) throws IOException {
    NetlinkSocket socket = NetlinkSocket.open();
    undo.push("close netlink socket", socket::close);
    return new HostNetwork(socket, Link.named(socket, interfaceName), undo);
  }

  /** Gives the interface its addresses; IPv6 ones are left out with a warning where IPv6 is off. */
  public void addAddresses(List<InterfaceAddress> wanted) throws IOException {
    addresses.add(wanted);
  }

  /**
   * Sets the MTU that the way to these endpoints leaves for the tunnel's packets. An interface that was prepared by
   * someone who did not know them keeps its own where we have no say.
   */
  public void mtuTowards(Collection<IpAddress> endpoints) throws IOException {
    int fitting = new PathMtu(socket).forTunnelTo(endpoints);
    try {
      mtu(fitting);
    } catch (SystemCallException e) {
      if (!e.is(Errno.EPERM)) {
        throw e;
      }
      log.warn("{} keeps its MTU of {}: {}", link.name(), Link.numbered(socket, link.index()).mtu(), e.getMessage());
    }
  }

  /** Sets the interface's MTU. */
  public void mtu(int mtu) throws IOException {
    int before = Link.numbered(socket, link.index()).mtu();
    if (before != mtu) {
      socket.request(link.setMtu(mtu));
      undo.push("reset mtu dev " + link.name(), () -> Gone.ignored(() -> socket.request(link.setMtu(before))));
    }
  }

  /** Sets the interface up. */
  public void linkUp() throws IOException {
    if (!Link.numbered(socket, link.index()).up()) {
      socket.request(link.setUp(true));
      undo.push("set down dev " + link.name(), () -> Gone.ignored(() -> socket.request(link.setUp(false))));
    }
  }

  /**
   * Routes the allowed IPs into the interface.
   *
   * @param fwmark is set if a default route needs one and there is none; not reset by the undo
   */
  public void routes(Collection<IpPrefix> allowedIps, RoutingTable table, Fwmark fwmark) throws IOException {
    takeOver(allowedIps, table);
    reroute(List.of(), allowedIps, table, fwmark);
  }

  /** Once, before there are routes of our own. */
  private void takeOver(Collection<IpPrefix> allowedIps, RoutingTable table) throws IOException {
    if (tookOver) {
      return;
    }
    tookOver = true;
    switch (table.kind()) {
      case OFF -> routes.takeOver(List.of(), Rtnetlink.RT_TABLE_MAIN);
      case AUTO -> routes.takeOver(specific(allowedIps), Rtnetlink.RT_TABLE_MAIN);
      case NUMBERED -> routes.takeOver(allowedIps, (int) table.number());
    }
  }

  /**
   * Makes the routes of earlier allowed IPs those of {@code after}. New ones come before old ones go, so that what is in
   * both is never without; a default route whose mark has changed is the exception.
   *
   * @param fwmark as with {@link #routes}
   */
  public void reroute(Collection<IpPrefix> before, Collection<IpPrefix> after, RoutingTable table, Fwmark fwmark)
      throws IOException {
    Set<IpPrefix> gone = new HashSet<>(before);
    gone.removeAll(after);
    switch (table.kind()) {
      case OFF -> {}
      case AUTO -> {
        routeInMainTable(specific(gone), specific(after));
        rerouteDefaults(defaults(before), defaults(after), fwmark);
      }
      case NUMBERED -> {
        int id = (int) table.number();
        Set<IpPrefix> present = routes.present(id);
        routes.add(after.stream().distinct().filter(prefix -> !present.contains(prefix)).toList(), id);
        routes.remove(gone.stream().filter(present::contains).toList(), id);
      }
    }
  }

  private static List<IpPrefix> specific(Collection<IpPrefix> prefixes) {
    return prefixes.stream().distinct().filter(prefix -> prefix.length() > 0).toList();
  }

  private static Set<IpPrefix> defaults(Collection<IpPrefix> prefixes) {
    return prefixes.stream().filter(prefix -> prefix.length() == 0).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Without those that a route into this interface covers already: most often the network of its own address. */
  private void routeInMainTable(List<IpPrefix> gone, List<IpPrefix> wanted) throws IOException {
    Set<IpPrefix> present = routes.present(Rtnetlink.RT_TABLE_MAIN);
    List<IpPrefix> leaving = gone.stream().filter(present::remove).toList();
    routes.add(
        wanted.stream().filter(destination -> !isCovered(destination, present)).toList(), Rtnetlink.RT_TABLE_MAIN);
    routes.remove(leaving, Rtnetlink.RT_TABLE_MAIN);
  }

  private static boolean isCovered(IpPrefix destination, Set<IpPrefix> present) {
    if (present.isEmpty()) {
      return false;
    }
    for (int length = destination.length(); length >= 0; length--) {
      if (present.contains(new IpPrefix(destination.address(), length))) {
        return true;
      }
    }
    return false;
  }

  private void rerouteDefaults(Set<IpPrefix> before, Set<IpPrefix> after, Fwmark fwmark) throws IOException {
    if (before.equals(after) && (after.isEmpty() || defaultRoutes.isMarkedBy(fwmark))) {
      return;
    }
    if (!after.isEmpty() && defaultRoutes.canBeChanged(fwmark)) {
      defaultRoutes.change(after);
      return;
    }
    undoDefaults.close();
    if (!after.isEmpty()) {
      undo.push("take the default routes back", undoDefaults::close);
      defaultRoutes.divert(after, fwmark);
    }
  }
}
