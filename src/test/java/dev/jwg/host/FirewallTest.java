package dev.jwg.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.Sandbox;
import dev.jwg.net.IpAddress;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The judge is {@code nft}: what it shows of our rules and of those that it makes itself from wg-quick's text. */
final class FirewallTest {
  private static final int MARK = 51820;
  private static final List<IpAddress> ADDRESSES =
      Stream.of("10.8.0.1", "10.8.0.9", "fd08::1").map(IpAddress::parse).toList();

  @TempDir private Path folder;
  private NetworkNamespace namespace;
  private final Undo undo = new Undo();

  @BeforeEach
  void makeANamespace() throws Exception {
    namespace = new NetworkNamespace();
    namespace.ip("tuntap add wg0 mode tun");
  }

  @AfterEach
  void remove() throws Exception {
    undo.close();
    if (namespace != null) {
      namespace.close();
    }
  }

  private void protect(List<Boolean> families, List<IpAddress> addresses) throws Exception {
    namespace.run(
        () -> {
          new Firewall(wg0(), undo).protect(families, MARK, addresses);
          return null;
        });
  }

  /** Reads it in the calling thread's namespace. */
  private static Link wg0() throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      return Link.named(socket, "wg0");
    }
  }

  /** In the order of the alphabet, for that of the rules means nothing; without the comment that says whose they are. */
  private static List<String> ruleset(NetworkNamespace of) throws IOException {
    return of.exec("nft list ruleset").lines().filter(line -> !line.contains("comment")).sorted().toList();
  }

  private static String wgQuicks(String family, String... addresses) {
    StringBuilder text = new StringBuilder("""
        add table FAMILY wg-quick-wg0
        add chain FAMILY wg-quick-wg0 preraw { type filter hook prerouting priority -300; }
        add chain FAMILY wg-quick-wg0 premangle { type filter hook prerouting priority -150; }
        add chain FAMILY wg-quick-wg0 postmangle { type filter hook postrouting priority -150; }
        add rule FAMILY wg-quick-wg0 postmangle meta l4proto udp mark 51820 ct mark set mark
        add rule FAMILY wg-quick-wg0 premangle meta l4proto udp meta mark set ct mark
        """);
    for (String address : addresses) {
      text.append("add rule FAMILY wg-quick-wg0 preraw iif != \"wg0\" FAMILY daddr " + address
          + " fib saddr type != local drop\n");
    }
    return text.toString().replace("FAMILY", family);
  }

  private List<String> rulesetOf(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("rules"), text);
    try (NetworkNamespace oracle = new NetworkNamespace()) {
      oracle.ip("tuntap add wg0 mode tun");
      oracle.exec("nft -f " + file);
      return ruleset(oracle);
    }
  }

  @Test
  void rulesAreThoseOfWgQuickAndGoWithTheUndo() throws Exception {
    protect(List.of(false, true), ADDRESSES);
    assertEquals(
        rulesetOf(wgQuicks("ip", "10.8.0.1", "10.8.0.9") + wgQuicks("ip6", "fd08::1")), ruleset(namespace));
    assertEquals(List.of(), Stderr.of(undo::close));
    assertEquals(List.of(), ruleset(namespace));
  }

  @Test
  void rulesFollowTheInterfaceWhenItIsRenamed() throws Exception {
    protect(List.of(false), ADDRESSES);
    namespace.ip("link set wg0 name renamed");
    String rules = namespace.exec("nft list chain ip wg-quick-wg0 preraw");
    assertEquals(2, rules.lines().filter(line -> line.contains("iif != \"renamed\" ip daddr 10.8.0.")).count(), rules);
  }

  @Test
  void tableOfALivingEndpointThatHadTheSameNameStays() throws Exception {
    protect(List.of(false), ADDRESSES);
    namespace.ip("link set wg0 name renamed");
    namespace.ip("tuntap add wg0 mode tun");
    Undo second = new Undo();
    namespace.run(
        () -> {
          OwnedTable living = OwnedTable.claim(MARK);
          undo.push("give up the table", living::close);
          return new Firewall(wg0(), second).protect(List.of(false, true), 51821, ADDRESSES);
        });
    assertEquals(
        "table ip wg-quick-wg0\ntable ip wg-quick-wg0-51821\ntable ip6 wg-quick-wg0-51821\n",
        namespace.exec("nft list tables"));
    second.close();
    assertEquals("table ip wg-quick-wg0\n", namespace.exec("nft list tables"));
  }

  @Test
  void onlyTheFamiliesWithADefaultRouteHaveRules() throws Exception {
    protect(List.of(true), ADDRESSES);
    assertEquals(rulesetOf(wgQuicks("ip6", "fd08::1")), ruleset(namespace));
  }

  @Test
  void whatAKilledEndpointLeftIsReplaced() throws Exception {
    protect(List.of(false), ADDRESSES);
    protect(List.of(false), ADDRESSES.subList(0, 1));
    assertEquals(rulesetOf(wgQuicks("ip", "10.8.0.1")), ruleset(namespace));
    assertEquals(List.of(), Stderr.of(undo::close), "its table is gone already");
  }

  @Test
  void leftoversAreRemovedByTheirCommentAndTablesOfOthersStay() throws Exception {
    protect(List.of(false, true), ADDRESSES);
    assertTrue(namespace.exec("nft list table ip wg-quick-wg0").contains("comment \"jwg 51820\""));
    namespace.exec("nft add table ip wg-quick-wg7");
    assertEquals(List.of(), namespace.run(() -> Firewall.removeLeftovers(List.of(51821))));
    assertEquals(List.of("wg-quick-wg0"), namespace.run(() -> Firewall.removeLeftovers(List.of(51821, MARK))));
    assertEquals("table ip wg-quick-wg7\n", namespace.exec("nft list tables"));
  }

  @Test
  void tableThatTheUserRemovedDoesNotKeepTheOther() throws Exception {
    protect(List.of(false, true), ADDRESSES);
    namespace.exec("nft delete table ip6 wg-quick-wg0");
    assertEquals(List.of(), Stderr.of(undo::close));
    assertEquals("", namespace.exec("nft list tables"));
  }

  @Test
  void manyAddressesFitIntoOneTransaction() throws Exception {
    List<IpAddress> many = Stream.iterate(1, i -> i + 1).limit(200).map(i -> IpAddress.v4(0x0a000000 + i)).toList();
    protect(List.of(false), many);
    assertEquals(many.size(), ruleset(namespace).stream().filter(line -> line.contains("drop")).count());
  }

  @Test
  void whereItIsNotAllowedOneWarningSaysWhatIsMissing() throws Exception {
    List<String> logged =
        Stderr.of(
            () ->
                namespace.run(
                    () -> {
                      Link link = wg0();
                      Sandbox.dropCapabilities();
                      new Firewall(link, undo).protect(List.of(false, true), MARK, ADDRESSES);
                      return null;
                    }));
    assertEquals(1, logged.size(), logged::toString);
    assertTrue(logged.get(0).endsWith("wg0 goes without its nftables rules; strict rp_filter may drop what its peers"
        + " send: add nftables wg-quick-wg0: EPERM (need CAP_NET_ADMIN)"), logged.get(0));
    assertEquals(List.of(), ruleset(namespace));
  }
}
