package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NetlinkSocketTest {
  private static final int ROUTES = 10_000;
  private static final int IFLA_LINKINFO = 18; // linux/if_link.h
  private static final int IFLA_INFO_KIND = 1;

  private NetworkNamespace namespace;
  private NetlinkSocket socket;
  private int index;

  @BeforeEach
  void openASocketInANamespace() throws Exception {
    namespace = new NetworkNamespace();
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("link set wg0 up");
    index = namespace.indexOf("wg0");
    socket = namespace.run(NetlinkSocket::open);
  }

  @AfterEach
  void remove() throws Exception {
    if (socket != null) {
      socket.close();
    }
    if (namespace != null) {
      namespace.close();
    }
  }

  @Test
  void tenThousandRoutesAreAddedAndReadBack() throws Exception {
    List<Integer> acknowledged = new ArrayList<>();
    List<SystemCallException> failures = new ArrayList<>();
    socket.batch(
        ROUTES,
        position -> addRoute(nthPrefix(position), 24),
        (position, failure) -> {
          acknowledged.add(position);
          if (failure != null) {
            failures.add(failure);
          }
        });

    assertEquals(List.of(), failures);
    assertEquals(IntStream.range(0, ROUTES).boxed().toList(), acknowledged);
    assertEquals(ROUTES, namespace.ip("route show table 7").lines().count());
    assertEquals(ROUTES, destinationsInTable(7).size());
  }

  @Test
  void oneFailureInABatchIsTheOnlyOne() throws Exception {
    List<String> failures = new ArrayList<>();
    socket.batch(
        250,
        position -> addRoute(nthPrefix(position == 201 ? 200 : position), 24),
        (position, failure) -> {
          if (failure != null) {
            failures.add(position + " " + failure.getMessage());
          }
        });
    assertEquals(List.of("201 add route: EEXIST"), failures);
    assertEquals(249, destinationsInTable(7).size());
  }

  @Test
  void theKernelsWordsAreInTheException() {
    SystemCallException refused =
        assertThrows(SystemCallException.class, () -> socket.request(addRoute(nthPrefix(1), 8)));
    assertEquals("add route: EINVAL (Invalid prefix for given prefix length)", refused.getMessage());
    assertTrue(refused.is(Errno.EINVAL));
  }

  @Test
  void theOffendingPlaceIsInTheException() {
    NetlinkRequest oversized =
        new NetlinkRequest("set mtu", Rtnetlink.RTM_NEWLINK, 0)
            .u32(0)
            .u32(index)
            .u32(0)
            .u32(0)
            .attribute(Rtnetlink.IFLA_MTU, new byte[] {1});
    SystemCallException refused = assertThrows(SystemCallException.class, () -> socket.request(oversized));
    assertEquals(
        "set mtu: ERANGE (Attribute failed policy validation, at byte 32 of the request)", refused.getMessage());
  }

  @Test
  void nestedAttributesReachTheKernelAndComeBack() throws Exception {
    socket.request(
        new NetlinkRequest("add link br7", Rtnetlink.RTM_NEWLINK, NetlinkRequest.NLM_F_CREATE)
            .u32(0)
            .u32(0)
            .u32(0)
            .u32(0)
            .attribute(Rtnetlink.IFLA_IFNAME, "br7")
            .nest(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge")));
    int bridge = namespace.indexOf("br7");

    List<String> kinds = new ArrayList<>();
    NetlinkRequest get =
        new NetlinkRequest("get link", Rtnetlink.RTM_GETLINK, 0).u32(0).u32(bridge).u32(0).u32(0);
    socket.query(
        get,
        message -> {
          NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_LENGTH);
          kinds.add(attributes.string(Rtnetlink.IFLA_IFNAME, ""));
          kinds.add(attributes.nested(IFLA_LINKINFO).string(IFLA_INFO_KIND, ""));
        });
    assertEquals(List.of("br7", "bridge"), kinds);
  }

  @Test
  void absentAttributesHaveTheirStandIns() throws Exception {
    int unknown = 1000;
    NetlinkRequest get =
        new NetlinkRequest("get link", Rtnetlink.RTM_GETLINK, 0).u32(0).u32(index).u32(0).u32(0);
    socket.query(
        get,
        message -> {
          NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_LENGTH);
          assertFalse(attributes.has(unknown));
          assertEquals(42, attributes.s32(unknown, 42));
          assertEquals("none", attributes.string(unknown, "none"));
          assertEquals(0, attributes.bytes(unknown).length);
          assertFalse(attributes.nested(unknown).has(Rtnetlink.IFLA_MTU));
        });
  }

  @Test
  void dumpDisturbedByAChangeIsBegunAgain() throws Exception {
    int addresses = 3000; // several reads' worth
    socket.batch(
        addresses,
        position -> address(Rtnetlink.RTM_NEWADDR, position),
        (position, failure) -> assertNull(failure, () -> "address " + position));
    NetlinkRequest get = new NetlinkRequest("get addresses", Rtnetlink.RTM_GETADDR, 0).u8(Rtnetlink.AF_INET);
    List<Integer> seen = new ArrayList<>();
    try (NetlinkSocket other = namespace.run(NetlinkSocket::open)) {
      List<Integer> found =
          socket.dump(
              get.u8(0).u16(0).u32(0),
              (message, accepted) -> {
                byte[] local = message.attributes(Rtnetlink.IFADDRMSG_LENGTH).bytes(Rtnetlink.IFA_LOCAL);
                int bits = ByteBuffer.wrap(local).getInt();
                seen.add(bits);
                accepted.accept(bits);
                if (seen.size() == 1) {
                  assertDoesNotThrow(() -> other.request(address(Rtnetlink.RTM_DELADDR, addresses - 1)));
                }
              });
      assertTrue(seen.size() > found.size(), "the dump was not disturbed: " + seen.size());
      assertEquals(addresses - 1, found.stream().filter(bits -> bits >>> 24 == 10).count());
      assertEquals(found.stream().distinct().toList(), found);
    }
  }

  private NetlinkRequest address(int type, int number) {
    int flags = type == Rtnetlink.RTM_NEWADDR ? NetlinkRequest.NLM_F_CREATE : 0;
    byte[] address = {10, 0, (byte) (number >> 8), (byte) number};
    return new NetlinkRequest("change address", type, flags)
        .u8(Rtnetlink.AF_INET)
        .u8(32)
        .u16(0)
        .u32(index)
        .attribute(Rtnetlink.IFA_LOCAL, address)
        .attribute(Rtnetlink.IFA_ADDRESS, address);
  }

  @Test
  void failedDumpIsReported() {
    NetlinkRequest unknownType = new NetlinkRequest("get nothing", 0xfff0, 0).u32(0);
    SystemCallException refused =
        assertThrows(SystemCallException.class, () -> socket.<String>dump(unknownType, (message, found) -> {}));
    assertEquals("get nothing: EOPNOTSUPP", refused.getMessage());
  }

  private static byte[] nthPrefix(int n) {
    return new byte[] {10, (byte) (n >> 8), (byte) n, 0};
  }

  private NetlinkRequest addRoute(byte[] destination, int length) {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL;
    return new NetlinkRequest("add route", Rtnetlink.RTM_NEWROUTE, flags)
        .u8(Rtnetlink.AF_INET)
        .u8(length)
        .u8(0)
        .u8(0)
        .u8(7)
        .u8(Rtnetlink.RTPROT_BOOT)
        .u8(Rtnetlink.RT_SCOPE_LINK)
        .u8(Rtnetlink.RTN_UNICAST)
        .u32(0)
        .attribute(Rtnetlink.RTA_DST, destination)
        .attribute(Rtnetlink.RTA_OIF, index);
  }

  private List<InetAddress> destinationsInTable(int table) throws Exception {
    NetlinkRequest all =
        new NetlinkRequest("get routes", Rtnetlink.RTM_GETROUTE, 0)
            .u8(Rtnetlink.AF_INET)
            .u8(0)
            .u16(0)
            .u32(0)
            .u32(0);
    List<byte[]> found =
        socket.dump(
            all,
            (message, destinations) -> {
              NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_LENGTH);
              if (attributes.s32(Rtnetlink.RTA_TABLE, 0) == table) {
                destinations.accept(attributes.bytes(Rtnetlink.RTA_DST));
              }
            });
    List<InetAddress> addresses = new ArrayList<>();
    for (byte[] address : found) {
      addresses.add(InetAddress.getByAddress(address));
    }
    return addresses;
  }
}
