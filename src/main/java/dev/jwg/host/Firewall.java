package dev.jwg.host;

import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Nftables;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packet filter of wg-quick beside a default route through the tunnel, one table {@code wg-quick-NAME} per family:
 *
 * <ul>
 *   <li>postmangle and premangle: what the peers answer gets the mark of what was sent to them, else strict reverse
 *       path filtering, to which the way back leads through the tunnel, drops it;
 *   <li>preraw: nobody on the outer network can send to the tunnel's own addresses.
 * </ul>
 *
 * <p>A kernel that has no nf_tables, or a container that may not use it, goes without.
 */
final class Firewall {
  private static final Logger log = LoggerFactory.getLogger(Firewall.class);

  private static final int PRIORITY_RAW = -300; // NF_IP_PRI_RAW, linux/netfilter_ipv4.h
  private static final int PRIORITY_MANGLE = -150; // NF_IP_PRI_MANGLE
  private static final int RTN_LOCAL = 2; // linux/rtnetlink.h
  private static final byte[] UDP = {17}; // IPPROTO_UDP, RFC 768

  private static final int DESTINATION_V4 = 16; // RFC 791 section 3.1
  private static final int DESTINATION_V6 = 24; // RFC 8200 section 3

  private static final int NFGENMSG_LENGTH = 4; // linux/netfilter/nfnetlink.h
  private static final byte TABLE_COMMENT = 0; // NFTNL_UDATA_TABLE_COMMENT, libnftnl/udata.h

  private static final String PREFIX = "wg-quick-";
  private static final String COMMENT = "jwg ";

  private record Table(boolean isV6, String name) {}

  /** A table that is there, with the mark in its comment if jwg has made it. */
  private record Found(Table table, OptionalInt mark) {}

  private final Link link;
  private String table;
  private final Undo undo;

  Firewall(Link link, Undo undo) {
    this.link = link;
    table = PREFIX + link.name();
    this.undo = undo;
  }

  /**
   * Sets up the tables, in place of what a killed endpoint may have left.
   *
   * @param families those with a default route through the tunnel: true for IPv6
   * @param mark of the datagrams that the endpoint sends
   * @param addresses of the interface
   * @return false if the host has no packet filter that we may use
   */
  boolean protect(List<Boolean> families, int mark, Collection<IpAddress> addresses) throws IOException {
    NetlinkSocket socket;
    try {
      socket = NetlinkSocket.openNetfilter();
    } catch (SystemCallException e) {
      goWithout(e);
      return false;
    }
    try {
      table = freeName(mark, socket);
      socket.transaction(
          "add nftables " + table, Nftables.NFNL_SUBSYS_NFTABLES, requests(families, mark, addresses));
    } catch (SystemCallException e) {
      socket.close();
      goWithout(e);
      return false;
    }
    List<Table> made = families.stream().map(isV6 -> new Table(isV6, table)).toList();
    undo.push("close netfilter socket", socket::close);
    made.forEach(
        gone -> undo.push("remove nftables " + gone.name, () -> Gone.ignored(() -> remove(socket, gone))));
    return true;
  }

  private List<NetlinkRequest> requests(List<Boolean> families, int mark, Collection<IpAddress> addresses) {
    List<NetlinkRequest> requests = new ArrayList<>();
    for (boolean isV6 : families) {
      requests.add(newTable(isV6)); // so that there is one to delete
      requests.add(deleteTable(isV6, table));
      requests.add(newTable(isV6).attribute(Nftables.NFTA_TABLE_USERDATA, comment(commentOf(mark))));
      requests.add(chain(isV6, "preraw", Nftables.NF_INET_PRE_ROUTING, PRIORITY_RAW));
      requests.add(chain(isV6, "premangle", Nftables.NF_INET_PRE_ROUTING, PRIORITY_MANGLE));
      requests.add(chain(isV6, "postmangle", Nftables.NF_INET_POST_ROUTING, PRIORITY_MANGLE));
      requests.add(rule(isV6, "postmangle", rememberMark(mark)));
      requests.add(rule(isV6, "premangle", recallMark()));
      addresses.stream()
          .filter(address -> address.isV6() == isV6)
          .forEach(address -> requests.add(rule(isV6, "preraw", dropUnlessFromTunnelOrHost(address))));
    }
    return requests;
  }

  /**
   * Returns the table's name. It ends in the mark if a living endpoint has the plain one: its interface had our name
   * and was renamed.
   */
  private String freeName(int mark, NetlinkSocket socket) throws IOException {
    String plain = PREFIX + link.name();
    List<Found> present = new ArrayList<>();
    try {
      present.addAll(tables(/* isV6= */ false, socket));
      present.addAll(tables(/* isV6= */ true, socket));
    } catch (SystemCallException e) {
      return plain; // to add it is refused too, and that is reported
    }
    for (Found found : present) {
      if (found.table.name.equals(plain)
          && found.mark.isPresent()
          && found.mark.getAsInt() != mark
          && OwnedTable.isClaimed(found.mark.getAsInt())) {
        return plain + "-" + Integer.toUnsignedString(mark);
      }
    }
    return plain;
  }

  private void goWithout(SystemCallException reason) {
    log.warn(
        "{} goes without its nftables rules; strict rp_filter may drop what its peers send: {}",
        link.name(),
        reason.getMessage());
  }

  private static void remove(NetlinkSocket socket, Table gone) throws IOException {
    socket.transaction(
        "remove nftables " + gone.name, Nftables.NFNL_SUBSYS_NFTABLES, List.of(deleteTable(gone.isV6, gone.name)));
  }

  /**
   * Removes the tables of endpoints that were killed. Their comment says that they are jwg's, and which mark they use.
   *
   * @return the names of the tables
   */
  static List<String> removeLeftovers(Collection<Integer> marks) throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.openNetfilter()) {
      List<Table> left = new ArrayList<>();
      for (boolean isV6 : new boolean[] {false, true}) {
        tables(isV6, socket).stream()
            .filter(found -> found.mark.isPresent() && marks.contains(found.mark.getAsInt()))
            .forEach(found -> left.add(found.table));
      }
      for (Table gone : left) {
        Gone.ignored(() -> remove(socket, gone));
      }
      return left.stream().map(Table::name).distinct().toList();
    } catch (SystemCallException e) {
      log.debug("no nftables rules of killed endpoints were looked for: {}", e.getMessage());
      return List.of();
    }
  }

  private static List<Found> tables(boolean isV6, NetlinkSocket socket) throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get nftables", Nftables.NFNL_SUBSYS_NFTABLES << 8 | Nftables.NFT_MSG_GETTABLE, 0)
            .u8(Families.of(isV6))
            .u8(0)
            .u16(0);
    return socket.dump(
        get,
        (message, found) -> {
          NetlinkAttributes attributes = message.attributes(NFGENMSG_LENGTH);
          Table table = new Table(isV6, attributes.string(Nftables.NFTA_TABLE_NAME, ""));
          found.accept(new Found(table, markIn(attributes.bytes(Nftables.NFTA_TABLE_USERDATA))));
        });
  }

  private static String commentOf(int mark) {
    return COMMENT + Integer.toUnsignedString(mark);
  }

  /** Returns the mark that the comment of a table tells, if jwg has written it. */
  private static OptionalInt markIn(byte[] userData) {
    String text = new String(userData, StandardCharsets.US_ASCII);
    int start = text.indexOf(COMMENT);
    if (start < 0) {
      return OptionalInt.empty();
    }
    try {
      int mark = Integer.parseUnsignedInt(text.substring(start + COMMENT.length()).replace("\0", ""));
      return Arrays.equals(comment(commentOf(mark)), userData) ? OptionalInt.of(mark) : OptionalInt.empty();
    } catch (NumberFormatException ofAnother) {
      return OptionalInt.empty();
    }
  }

  /** User data as nft(8) reads it: type, length, and the text with a zero byte behind it. */
  private static byte[] comment(String text) {
    byte[] characters = text.getBytes(StandardCharsets.US_ASCII);
    byte[] userData = new byte[characters.length + 3];
    userData[0] = TABLE_COMMENT;
    userData[1] = (byte) (characters.length + 1);
    System.arraycopy(characters, 0, userData, 2, characters.length);
    return userData;
  }

  private static NftRule rememberMark(int mark) {
    return new NftRule()
        .loadMeta(Nftables.NFT_META_L4PROTO)
        .ifEqual(UDP)
        .loadMeta(Nftables.NFT_META_MARK)
        .ifEqual(NftRule.number(mark))
        .storeConnectionMark();
  }

  private static NftRule recallMark() {
    return new NftRule().loadMeta(Nftables.NFT_META_L4PROTO).ifEqual(UDP).loadConnectionMark().storeMetaMark();
  }

  /** By the interface's index, which stays when the interface is renamed. */
  private NftRule dropUnlessFromTunnelOrHost(IpAddress address) {
    byte[] bytes = address.toBytes();
    return new NftRule()
        .loadMeta(Nftables.NFT_META_IIF)
        .ifNotEqual(NftRule.number(link.index()))
        .loadNetworkHeader(address.isV6() ? DESTINATION_V6 : DESTINATION_V4, bytes.length)
        .ifEqual(bytes)
        .loadSourceAddressType()
        .ifNotEqual(NftRule.number(RTN_LOCAL))
        .drop();
  }

  private NetlinkRequest newTable(boolean isV6) {
    return request("add", Nftables.NFT_MSG_NEWTABLE, isV6).attribute(Nftables.NFTA_TABLE_NAME, table);
  }

  private static NetlinkRequest deleteTable(boolean isV6, String name) {
    return request("remove", Nftables.NFT_MSG_DELTABLE, isV6, name).attribute(Nftables.NFTA_TABLE_NAME, name);
  }

  private NetlinkRequest chain(boolean isV6, String name, int hook, int priority) {
    return request("add", Nftables.NFT_MSG_NEWCHAIN, isV6)
        .attribute(Nftables.NFTA_CHAIN_TABLE, table)
        .attribute(Nftables.NFTA_CHAIN_NAME, name)
        .attribute(Nftables.NFTA_CHAIN_TYPE, "filter")
        .nest(
            Nftables.NFTA_CHAIN_HOOK,
            attributes -> {
              NftRule.u32(attributes, Nftables.NFTA_HOOK_HOOKNUM, hook);
              NftRule.u32(attributes, Nftables.NFTA_HOOK_PRIORITY, priority);
            });
  }

  private NetlinkRequest rule(boolean isV6, String chain, NftRule rule) {
    NetlinkRequest request =
        request("add", Nftables.NFT_MSG_NEWRULE, isV6)
            .attribute(Nftables.NFTA_RULE_TABLE, table)
            .attribute(Nftables.NFTA_RULE_CHAIN, chain);
    rule.writeTo(request);
    return request;
  }

  private NetlinkRequest request(String verb, int type, boolean isV6) {
    return request(verb, type, isV6, table);
  }

  /** {@code struct nfgenmsg}: family, version, resource. */
  private static NetlinkRequest request(String verb, int type, boolean isV6, String table) {
    boolean makes = type != Nftables.NFT_MSG_DELTABLE;
    return new NetlinkRequest(
            verb + " nftables " + table,
            Nftables.NFNL_SUBSYS_NFTABLES << 8 | type,
            makes ? NetlinkRequest.NLM_F_CREATE : 0)
        .u8(Families.of(isV6))
        .u8(0)
        .u16(0);
  }
}
