package dev.jwg.host;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Default routes through the tunnel, in a table of their own whose number is the endpoint's mark. The order matters:
 *
 * <ol>
 *   <li>the mark, so that nothing the endpoint sends enters the tunnel;
 *   <li>both policy rules, so that nothing which the main table has a specific route for enters it;
 *   <li>{@code src_valid_mark};
 *   <li>the default route;
 *   <li>the packet filter.
 * </ol>
 *
 * <p>They are undone in the reverse order.
 */
final class DefaultRoutes {
  private static final Logger log = LoggerFactory.getLogger(DefaultRoutes.class);

  /** First number that wg-quick(8) tries for a table of its own. */
  private static final int FIRST_OWN_TABLE = 51820;

  private static final int NONE = 0;

  private final NetlinkSocket socket;
  private final Link link;
  private final Ipv6 ipv6;
  private final Addresses addresses;
  private final Undo undo;
  private final Map<IpPrefix, Undo> diverted = new LinkedHashMap<>();
  private final Undo steps = new Undo();
  private boolean mayFilter = true;
  private int table = NONE;
  private int chosenTable = NONE;

  DefaultRoutes(NetlinkSocket socket, Link link, Ipv6 ipv6, Addresses addresses, Undo undo) {
    this.socket = socket;
    this.link = link;
    this.ipv6 = ipv6;
    this.addresses = addresses;
    this.undo = undo;
  }

  /** Returns true if the endpoint still has the mark that its default routes were made for. */
  boolean isMarkedBy(HostNetwork.Fwmark fwmark) throws IOException {
    return fwmark.get() == table;
  }

  /**
   * Makes default routes; there must be none.
   *
   * @param fwmark is set to the number of a free table, unless the user chose a mark
   */
  void divert(Collection<IpPrefix> defaults, HostNetwork.Fwmark fwmark) throws IOException {
    Turn turnToUndo = Turn.prepare(); // in this thread's network namespace
    undo.push(
        "take the default routes back",
        () -> {
          try (turnToUndo) {
            turnToUndo.await();
            steps.close();
          }
        });
    try (Turn turn = Turn.prepare()) {
      turn.await();
      removeLeftovers();
      int mark = fwmark.get();
      if (mark == NONE || mark == chosenTable) {
        divertByFreeTable(defaults, fwmark);
      } else {
        table = mark;
        divertAll(defaults);
      }
    }
  }

  /** So that their table is free; what cannot be removed does not keep this endpoint from starting. */
  private void removeLeftovers() {
    try {
      Leftovers.remove(socket);
    } catch (IOException e) {
      log.debug("{}: leftovers stay: {}", link.name(), e.getMessage());
    }
  }

  /** Takes the next free table when another program, which does not wait for a {@link Turn}, was faster. */
  private void divertByFreeTable(Collection<IpPrefix> defaults, HostNetwork.Fwmark fwmark) throws IOException {
    int from = FIRST_OWN_TABLE;
    while (true) {
      table = freeTable(from);
      chosenTable = table;
      fwmark.set(table);
      try {
        divertAll(defaults);
        return;
      } catch (SystemCallException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
        steps.close();
        from = table + 1;
      }
    }
  }

  /** Returns the first table from a number upward that has no routes and that no rule and no endpoint uses. */
  private int freeTable(int from) throws IOException {
    Set<Integer> used = new HashSet<>(Routes.tablesInUse(socket));
    Rules.present(socket).forEach(rule -> used.add(rule.table()));
    int free = from;
    while (used.contains(free) || OwnedTable.isClaimed(free)) {
      free++;
    }
    return free;
  }

  private void divertAll(Collection<IpPrefix> defaults) throws IOException {
    OwnedTable claim = OwnedTable.claim(table);
    steps.push("give up table " + Integer.toUnsignedString(table), claim::close);
    steps.push("forget the default routes", diverted::clear);
    for (IpPrefix everything : defaults) {
      divertFamily(everything);
    }
  }

  /** Returns true if there are default routes with the endpoint's mark, so that {@link #change} can be called. */
  boolean canBeChanged(HostNetwork.Fwmark fwmark) throws IOException {
    return !diverted.isEmpty() && isMarkedBy(fwmark);
  }

  /** Adds and removes default routes; those that stay are never without. */
  void change(Collection<IpPrefix> defaults) throws IOException {
    try (Turn turn = Turn.prepare()) {
      turn.await();
      for (IpPrefix gone : List.copyOf(diverted.keySet())) {
        if (!defaults.contains(gone)) {
          Objects.requireNonNull(diverted.remove(gone)).close();
        }
      }
      for (IpPrefix everything : defaults) {
        if (!diverted.containsKey(everything)) {
          divertFamily(everything);
        }
      }
    }
  }

  /** Diverts one family; leaves the host as it is where that family is IPv6 and the interface refuses it. */
  private void divertFamily(IpPrefix everything) throws IOException {
    boolean isV6 = everything.address().isV6();
    if (isV6 && ipv6.isOff()) {
      return;
    }
    Undo ofFamily = new Undo();
    steps.push("take the default route back", ofFamily::close);
    try {
      addRulesAndRoute(everything, ofFamily);
    } catch (IOException e) {
      ofFamily.close();
      throw e;
    }
    if (isV6 && ipv6.isOff()) {
      ofFamily.close();
      return;
    }
    diverted.put(everything, ofFamily);
    if (mayFilter) {
      List<IpAddress> own = addresses.present().stream().map(InterfaceAddress::local).toList();
      mayFilter = new Firewall(link, ofFamily).protect(List.of(isV6), table, own);
    }
  }

  private void addRulesAndRoute(IpPrefix everything, Undo ofFamily) throws IOException {
    Rules rules = new Rules(socket, ofFamily);
    if (everything.address().isV6()) {
      try {
        rules.divert(/* isV6= */ true, table, Tag.JWG);
      } catch (SystemCallException e) {
        if (!ipv6.isRefusedBy(e)) {
          throw e;
        }
        return;
      }
    } else {
      SourceValidMark setting = SourceValidMark.before(socket, table);
      rules.divert(/* isV6= */ false, table, setting.tag());
      setting.enable(ofFamily);
    }
    new Routes(socket, link, ipv6, ofFamily).add(List.of(everything), table);
  }
}
