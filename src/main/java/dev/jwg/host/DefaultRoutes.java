package dev.jwg.host;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
  /** First number that wg-quick(8) tries for a table of its own. */
  private static final int FIRST_OWN_TABLE = 51820;

  private static final int NONE = 0;

  private final NetlinkSocket socket;
  private final Link link;
  private final Ipv6 ipv6;
  private final Addresses addresses;
  private final Undo undo;
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
    Undo steps = new Undo();
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
      Leftovers.remove(socket);
      int mark = fwmark.get();
      if (mark == NONE || mark == chosenTable) {
        divertByFreeTable(defaults, fwmark, steps);
      } else {
        table = mark;
        divert(defaults, steps);
      }
    }
  }

  /** Takes the next free table when another program, which does not wait for a {@link Turn}, was faster. */
  private void divertByFreeTable(Collection<IpPrefix> defaults, HostNetwork.Fwmark fwmark, Undo steps)
      throws IOException {
    int from = FIRST_OWN_TABLE;
    while (true) {
      table = freeTable(from);
      chosenTable = table;
      fwmark.set(table);
      try {
        divert(defaults, steps);
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

  private void divert(Collection<IpPrefix> defaults, Undo steps) throws IOException {
    OwnedTable claim = OwnedTable.claim(table);
    steps.push("give up table " + Integer.toUnsignedString(table), claim::close);
    List<Boolean> diverted = new ArrayList<>(); // true for IPv6
    for (IpPrefix everything : defaults) {
      boolean isV6 = everything.address().isV6();
      if (isV6 && ipv6.isOff()) {
        continue;
      }
      Undo ofFamily = new Undo();
      steps.push("take the default route back", ofFamily::close);
      divertFamily(everything, ofFamily);
      if (isV6 && ipv6.isOff()) {
        ofFamily.close();
      } else {
        diverted.add(isV6);
      }
    }
    if (!diverted.isEmpty()) {
      List<IpAddress> own = addresses.present().stream().map(InterfaceAddress::local).toList();
      new Firewall(link.name(), steps).protect(diverted, table, own);
    }
  }

  private void divertFamily(IpPrefix everything, Undo ofFamily) throws IOException {
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
