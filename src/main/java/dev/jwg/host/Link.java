package dev.jwg.host;

import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An interface as it was when it was read.
 *
 * @param index the kernel's number for it
 */
record Link(int index, String name, int mtu, boolean up) {
  private static final int IFINFOMSG_INDEX = 4; // offsets in struct ifinfomsg, linux/rtnetlink.h
  private static final int IFINFOMSG_FLAGS = 8;

  static Link named(NetlinkSocket socket, String name) throws IOException {
    NetlinkRequest get = request("get link " + name, Rtnetlink.RTM_GETLINK, 0, 0, 0);
    return read(socket, get.attribute(Rtnetlink.IFLA_IFNAME, name));
  }

  static Link numbered(NetlinkSocket socket, int index) throws IOException {
    return read(socket, request("get link " + index, Rtnetlink.RTM_GETLINK, index, 0, 0));
  }

  private static Link read(NetlinkSocket socket, NetlinkRequest get) throws IOException {
    List<Link> links = new ArrayList<>();
    socket.query(
        get,
        message -> {
          NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_LENGTH);
          links.add(
              new Link(
                  message.s32(IFINFOMSG_INDEX),
                  attributes.string(Rtnetlink.IFLA_IFNAME, ""),
                  attributes.s32(Rtnetlink.IFLA_MTU, 0),
                  (message.s32(IFINFOMSG_FLAGS) & Rtnetlink.IFF_UP) != 0));
        });
    return links.get(0);
  }

  NetlinkRequest setMtu(int newMtu) {
    String purpose = "set mtu " + newMtu + " dev " + name;
    return request(purpose, Rtnetlink.RTM_NEWLINK, index, 0, 0).attribute(Rtnetlink.IFLA_MTU, newMtu);
  }

  NetlinkRequest setUp(boolean newUp) {
    String purpose = "set " + (newUp ? "up" : "down") + " dev " + name;
    return request(purpose, Rtnetlink.RTM_NEWLINK, index, newUp ? Rtnetlink.IFF_UP : 0, Rtnetlink.IFF_UP);
  }

  /** {@code struct ifinfomsg}: family, padding, type, index, flags, mask of the flags to change. */
  private static NetlinkRequest request(String purpose, int type, int index, int flags, int change) {
    return new NetlinkRequest(purpose, type, 0)
        .u8(Rtnetlink.AF_UNSPEC)
        .u8(0)
        .u16(0)
        .u32(index)
        .u32(flags)
        .u32(change);
  }
}
