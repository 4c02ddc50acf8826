package dev.jwg.host;

import dev.jwg.host.Rules.Rule;
import dev.jwg.linux.NetlinkSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Default routes of endpoints that were killed, in the calling thread's network namespace. The kernel removed their
 * interfaces, but not their policy rules, their packet filter and {@code src_valid_mark}. What has no {@link Tag} of
 * jwg's, and what belongs to a living endpoint, stays.
 */
public final class Leftovers {
  private Leftovers() {}

  /**
   * Removes them.
   *
   * @return what was removed, for a person; empty if there was nothing
   * @throws IOException something could not be removed
   */
  public static List<String> remove() throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      if (Rules.present(socket).stream().noneMatch(Rule::isJwgs)) {
        return List.of();
      }
      try (Turn turn = Turn.prepare()) {
        turn.await();
        return remove(socket);
      }
    }
  }

  /** Removes them; the caller has the {@link Turn}. The rules go last, because they are the record of all else. */
  static List<String> remove(NetlinkSocket socket) throws IOException {
    List<Rule> dead = dead(Rules.present(socket).stream().filter(Rule::isJwgs).toList());
    if (dead.isEmpty()) {
      return List.of();
    }
    Set<Integer> tables = new LinkedHashSet<>();
    dead.stream().filter(Rule::diverts).forEach(rule -> tables.add(rule.table()));
    List<String> removed = new ArrayList<>();
    removed.add(dead.size() == 1 ? "1 policy rule" : dead.size() + " policy rules");
    Firewall.removeLeftovers(tables).forEach(name -> removed.add("nftables " + name));
    for (int table : tables) {
      Routes.removeDefaults(socket, table);
    }
    if (SourceValidMark.resetAfter(dead, socket)) {
      removed.add("net.ipv4.conf.all.src_valid_mark=1");
    }
    for (Rule rule : dead) {
      Rules.remove(socket, rule);
    }
    return removed;
  }

  /** A rule for the main table lives as long as the rule behind it. */
  private static List<Rule> dead(List<Rule> jwgs) throws IOException {
    List<Rule> living = new ArrayList<>();
    for (Rule rule : jwgs) {
      if (rule.diverts() && OwnedTable.isClaimed(rule.table())) {
        living.add(rule);
      }
    }
    return jwgs.stream()
        .filter(rule -> rule.diverts() ? !living.contains(rule) : living.stream().noneMatch(rule::belongsTo))
        .toList();
  }
}
