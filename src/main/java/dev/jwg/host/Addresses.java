package dev.jwg.host;

import dev.jwg.linux.NetlinkAttributes;
import dev.jwg.linux.NetlinkMessage;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The addresses of one interface, as {@code ip address add} makes them. No IFA_F_NODAD: a TUN device has no neighbours
 * (IFF_NOARP), so the kernel does no duplicate address detection on it anyway, as on a native WireGuard interface.
 */
final class Addresses {
  private static final int IFADDRMSG_PREFIXLEN = 1; // offsets in struct ifaddrmsg, linux/if_addr.h
  private static final int IFADDRMSG_INDEX = 4;

  private final NetlinkSocket socket;
  private final Link link;
  private final Ipv6 ipv6;
  private final Undo undo;
  private final Set<InterfaceAddress> added = new HashSet<>();

  Addresses(NetlinkSocket socket, Link link, Ipv6 ipv6, Undo undo) {
    this.socket = socket;
    this.link = link;
    this.ipv6 = ipv6;
    this.undo = undo;
  }

  /**
   * Adds the addresses that are not there yet: a persistent interface may have been made with some. Addresses that a killed
   * jwg left on such an interface are taken over, or removed.
   */
  void add(List<InterfaceAddress> wanted) throws IOException {
    for (InterfaceAddress left : read(/* onlyJwgs= */ true)) {
      if (wanted.contains(left) && added.add(left)) {
        pushRemoval(left);
      } else if (!added.contains(left)) {
        Gone.ignored(() -> socket.request(request("remove", Rtnetlink.RTM_DELADDR, 0, left)));
      }
    }
    Set<InterfaceAddress> present = present();
    for (InterfaceAddress address : wanted) {
      if (present.add(address) && !(address.local().isV6() && ipv6.isOff())) {
        add(address);
      }
    }
  }

  private void add(InterfaceAddress address) throws IOException {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL;
    try {
      socket.request(request("add", Rtnetlink.RTM_NEWADDR, flags, address));
    } catch (SystemCallException e) {
      if (address.local().isV6() && ipv6.isRefusedBy(e)) {
        return;
      }
      throw e;
    }
    added.add(address);
    pushRemoval(address);
  }

  private void pushRemoval(InterfaceAddress address) {
    NetlinkRequest removal = request("remove", Rtnetlink.RTM_DELADDR, 0, address);
    undo.push("remove address " + address + " dev " + link.name(), () -> Gone.ignored(() -> socket.request(removal)));
  }

  private NetlinkRequest request(String verb, int type, int flags, InterfaceAddress address) {
    return new NetlinkRequest(verb + " address " + address + " dev " + link.name(), type, flags)
        .u8(Families.of(address.local().isV6()))
        .u8(address.prefixLength())
        .u8(0)
        .u8(scope(address.local()))
        .u32(link.index())
        .attribute(Rtnetlink.IFA_LOCAL, address.local().toBytes())
        .attribute(Rtnetlink.IFA_ADDRESS, address.peer().toBytes())
        .attribute(Rtnetlink.IFA_PROTO, new byte[] {Tag.JWG});
  }

  /** The kernel finds out an IPv6 address's scope itself. */
  private static int scope(IpAddress local) {
    boolean isLoopback = !local.isV6() && local.low() >>> 24 == 127;
    return isLoopback ? Rtnetlink.RT_SCOPE_HOST : Rtnetlink.RT_SCOPE_UNIVERSE;
  }

  /** Those that the interface has, whoever gave them to it. */
  Set<InterfaceAddress> present() throws IOException {
    return read(/* onlyJwgs= */ false);
  }

  private Set<InterfaceAddress> read(boolean onlyJwgs) throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get addresses", Rtnetlink.RTM_GETADDR, 0).u8(Rtnetlink.AF_UNSPEC).u8(0).u16(0).u32(0);
    return new HashSet<>(
        socket.<InterfaceAddress>dump(
            get,
            (message, found) -> {
              if (!onlyJwgs || isJwgs(message)) {
                read(message, found);
              }
            }));
  }

  private static boolean isJwgs(NetlinkMessage message) {
    byte[] protocol = message.attributes(Rtnetlink.IFADDRMSG_LENGTH).bytes(Rtnetlink.IFA_PROTO);
    return protocol.length == 1 && protocol[0] == Tag.JWG;
  }

  private void read(NetlinkMessage message, Consumer<InterfaceAddress> found) {
    int family = message.u8(0);
    boolean isIp = family == Rtnetlink.AF_INET || family == Rtnetlink.AF_INET6;
    if (!isIp || message.s32(IFADDRMSG_INDEX) != link.index()) {
      return;
    }
    NetlinkAttributes attributes = message.attributes(Rtnetlink.IFADDRMSG_LENGTH);
    IpAddress peer = Families.address(family, attributes.bytes(Rtnetlink.IFA_ADDRESS));
    // IPv6 names the local address only where it differs from the peer's
    IpAddress local =
        attributes.has(Rtnetlink.IFA_LOCAL)
            ? Families.address(family, attributes.bytes(Rtnetlink.IFA_LOCAL))
            : peer;
    found.accept(new InterfaceAddress(local, peer, message.u8(IFADDRMSG_PREFIXLEN)));
  }
}
