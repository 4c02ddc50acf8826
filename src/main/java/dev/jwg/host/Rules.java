package dev.jwg.host;

import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkMessage;
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
 * <p>The kernel puts the first rule in front of the others, and the second goes right in front of the first. Two
 * endpoints may have equal rules, so a rule is removed by its priority. The {@link Tag} says that a rule is jwg's.
 */
final class Rules {
  private static final int FLAGS_OFFSET = 8; // struct fib_rule_hdr, linux/fib_rules.h
  private static final int NONE = -1;

  /**
   * A rule as the kernel shows it, as far as it matters here.
   *
   * @param suppressed FRA_SUPPRESS_PREFIXLEN, or -1
   * @param protocol a {@link Tag}, or another program's number
   */
  record Rule(boolean isV6, int priority, int flags, int table, int mark, int suppressed, int protocol) {

    /** Returns true for {@code not fwmark TABLE table TABLE}. */
    boolean diverts() {
      return (flags & Rtnetlink.FIB_RULE_INVERT) != 0 && mark == table;
    }

    boolean isJwgs() {
      return Tag.isJwg(protocol);
    }

    /** Returns true if this is the second rule of a pair whose first is the other. */
    boolean belongsTo(Rule diverting) {
      return isV6 == diverting.isV6 && suppressed == 0 && priority == before(diverting.priority);
    }

    private static Rule read(NetlinkMessage message) {
      NetlinkAttributes attributes = message.attributes(Rtnetlink.FIB_RULE_HDR_LENGTH);
      byte[] protocol = attributes.bytes(Rtnetlink.FRA_PROTOCOL);
      return new Rule(
          message.u8(0) == Rtnetlink.AF_INET6,
          attributes.s32(Rtnetlink.FRA_PRIORITY, 0),
          message.s32(FLAGS_OFFSET),
          attributes.s32(Rtnetlink.FRA_TABLE, 0),
          attributes.s32(Rtnetlink.FRA_FWMARK, 0),
          attributes.s32(Rtnetlink.FRA_SUPPRESS_PREFIXLEN, NONE),
          protocol.length == 0 ? 0 : Byte.toUnsignedInt(protocol[0]));
    }

    private static Rule unmarkedTo(boolean isV6, int table, int protocol) {
      return new Rule(isV6, NONE, Rtnetlink.FIB_RULE_INVERT, table, table, NONE, protocol);
    }

    private static Rule specificRoutesFirst(boolean isV6, int priority, int protocol) {
      return new Rule(isV6, priority, 0, Rtnetlink.RT_TABLE_MAIN, 0, 0, protocol);
    }

    private Rule at(int newPriority) {
      return new Rule(isV6, newPriority, flags, table, mark, suppressed, protocol);
    }

    @Override
    public String toString() {
      String number = Integer.toUnsignedString(table);
      return diverts() ? "not fwmark " + number + " table " + number : "table main suppress_prefixlength 0";
    }
  }

  private final NetlinkSocket socket;
  private final Undo undo;

  Rules(NetlinkSocket socket, Undo undo) {
    this.socket = socket;
    this.undo = undo;
  }

  private static int before(int priority) {
    return Math.max(0, priority - 1);
  }

  /**
   * Sends what has no better route and not the mark {@code table} to the table of that number.
   *
   * @param protocol the {@link Tag} of the rules
   */
  void divert(boolean isV6, int table, int protocol) throws IOException {
    int priority = add(Rule.unmarkedTo(isV6, table, protocol));
    add(Rule.specificRoutesFirst(isV6, before(priority), protocol));
  }

  /** Returns the priority that the rule has now. */
  private int add(Rule rule) throws IOException {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL | NetlinkRequest.NLM_F_ECHO;
    List<Integer> priorities = new ArrayList<>();
    socket.query(
        request("add", Rtnetlink.RTM_NEWRULE, flags, rule),
        echo -> priorities.add(echo.attributes(Rtnetlink.FIB_RULE_HDR_LENGTH).s32(Rtnetlink.FRA_PRIORITY, 0)));
    Rule added = priorities.isEmpty() ? rule : rule.at(priorities.get(0));
    undo.push("remove rule " + rule, () -> remove(socket, added));
    return added.priority;
  }

  /** Removes a rule that may be gone already. */
  static void remove(NetlinkSocket socket, Rule rule) throws IOException {
    Gone.ignored(() -> socket.request(request("remove", Rtnetlink.RTM_DELRULE, 0, rule)));
  }

  /** Returns the rules of both families, in the kernel's order. */
  static List<Rule> present(NetlinkSocket socket) throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get rules", Rtnetlink.RTM_GETRULE, 0).u8(Rtnetlink.AF_UNSPEC).u8(0).u16(0).u32(0).u32(0);
    return socket.dump(
        get,
        (message, found) -> {
          if (message.u8(0) == Rtnetlink.AF_INET || message.u8(0) == Rtnetlink.AF_INET6) {
            found.accept(Rule.read(message));
          }
        });
  }

  /** {@code struct fib_rule_hdr}: family, lengths of destination and source, TOS, table, two unused, action, flags. */
  private static NetlinkRequest request(String verb, int type, int flags, Rule rule) {
    NetlinkRequest request =
        new NetlinkRequest(verb + " rule " + rule, type, flags)
            .u8(Families.of(rule.isV6))
            .u8(0)
            .u8(0)
            .u8(0)
            .u8(Rtnetlink.RT_TABLE_UNSPEC)
            .u8(0)
            .u8(0)
            .u8(Rtnetlink.FR_ACT_TO_TBL)
            .u32(rule.flags & Rtnetlink.FIB_RULE_INVERT)
            .attribute(Rtnetlink.FRA_TABLE, rule.table)
            .attribute(Rtnetlink.FRA_PROTOCOL, new byte[] {(byte) rule.protocol});
    if (rule.priority != NONE) {
      request.attribute(Rtnetlink.FRA_PRIORITY, rule.priority);
    }
    return rule.diverts()
        ? request.attribute(Rtnetlink.FRA_FWMARK, rule.mark)
        : request.attribute(Rtnetlink.FRA_SUPPRESS_PREFIXLEN, rule.suppressed);
  }
}
