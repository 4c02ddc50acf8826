package dev.jwg.host;

import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy rules of a default route through the tunnel. What the endpoint itself sends is marked and passes them by;
 * everything else looks up the tunnel's table, but first the main table without its default route:
 *
 * <pre>
 * ip rule add not fwmark TABLE table TABLE
 * ip rule add table main suppress_prefixlength 0
 * </pre>
 *
 * <p>The kernel puts each new rule in front of the others. Two endpoints may have equal rules, so a rule is removed by
 * the priority that the kernel gave it.
 */
final class Rules {

  /** A rule whose only condition or restriction is one attribute. */
  private record Rule(String text, int flags, int table, int attribute, int value) {}

  private static final Rule SPECIFIC_ROUTES_FIRST =
      new Rule(
          "table main suppress_prefixlength 0",
          0,
          Rtnetlink.RT_TABLE_MAIN,
          Rtnetlink.FRA_SUPPRESS_PREFIXLEN,
          0);

  private static Rule unmarkedTo(int table) {
    String number = Integer.toUnsignedString(table);
    String text = "not fwmark " + number + " table " + number;
    return new Rule(text, Rtnetlink.FIB_RULE_INVERT, table, Rtnetlink.FRA_FWMARK, table);
  }

  private final NetlinkSocket socket;
  private final Undo undo;

  Rules(NetlinkSocket socket, Undo undo) {
    this.socket = socket;
    this.undo = undo;
  }

  /** Sends what has no better route and not the mark {@code table} to the table of that number. */
  void divert(boolean isV6, int table) throws IOException {
    add(isV6, unmarkedTo(table));
    add(isV6, SPECIFIC_ROUTES_FIRST);
  }

  private void add(boolean isV6, Rule rule) throws IOException {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL | NetlinkRequest.NLM_F_ECHO;
    List<Integer> priorities = new ArrayList<>();
    socket.query(
        request("add", Rtnetlink.RTM_NEWRULE, flags, isV6, rule),
        echo -> priorities.add(echo.attributes(Rtnetlink.FIB_RULE_HDR_LENGTH).s32(Rtnetlink.FRA_PRIORITY, 0)));
    NetlinkRequest removal = request("remove", Rtnetlink.RTM_DELRULE, 0, isV6, rule);
    priorities.forEach(priority -> removal.attribute(Rtnetlink.FRA_PRIORITY, priority));
    undo.push("remove rule " + rule.text, () -> Gone.ignored(() -> socket.request(removal)));
  }

  /** True if any endpoint's default route of this family is still diverted. */
  boolean anyDiverted(boolean isV6) throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get rules", Rtnetlink.RTM_GETRULE, 0).u8(Families.of(isV6)).u8(0).u16(0).u32(0).u32(0);
    List<Boolean> suppressing =
        socket.dump(
            get,
            (message, found) -> {
              int length = message.attributes(Rtnetlink.FIB_RULE_HDR_LENGTH).s32(Rtnetlink.FRA_SUPPRESS_PREFIXLEN, -1);
              found.accept(length == 0);
            });
    return suppressing.contains(true);
  }

  /** {@code struct fib_rule_hdr}: family, lengths of destination and source, TOS, table, two unused, action, flags. */
  private static NetlinkRequest request(String verb, int type, int flags, boolean isV6, Rule rule) {
    return new NetlinkRequest(verb + " rule " + rule.text, type, flags)
        .u8(Families.of(isV6))
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(Rtnetlink.RT_TABLE_UNSPEC)
        .u8(0)
        .u8(0)
        .u8(Rtnetlink.FR_ACT_TO_TBL)
        .u32(rule.flags)
        .attribute(Rtnetlink.FRA_TABLE, rule.table)
        .attribute(rule.attribute, rule.value);
  }
}
