package dev.jwg.tun;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.Rtnetlink;
import dev.jwg.linux.SystemCallException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up an interface so that the kernel sends nothing on it by itself: no router solicitation, no multicast report.
 * The kernel's WireGuard does the same in {@code wg_setup} and {@code wg_open} (device.c). Otherwise an idle peer with
 * {@code AllowedIPs = ::/0} would be sent handshakes. A kernel that refuses is no reason not to start.
 */
final class QuietLink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QuietLink.class);

  private final String name;
  private final int index;
  private final NetlinkSocket netlink;

  private QuietLink(String name, int index, NetlinkSocket netlink) {
    this.name = name;
    this.index = index;
    this.netlink = netlink;
  }

  /** Refers to an interface in the calling thread's network namespace, from any thread's namespace later. */
  static QuietLink open(String name) throws IOException {
    int index = InterfaceRequest.index(name);
    return new QuietLink(name, index, NetlinkSocket.open());
  }

  /** Switches multicast off, as {@code wg_setup} does: once, so that a user can switch it on. */
  void disableMulticast() throws IOException {
    request(setLink("disable multicast on " + name, Rtnetlink.IFF_MULTICAST));
  }

  /**
   * Switches the generation of IPv6 addresses off, as {@code wg_open} does. The kernel forgets this setting when the
   * interface changes its namespace and when its MTU falls below IPv6's minimum.
   */
  void disableAddressGeneration() throws IOException {
    request(
        setLink("disable IPv6 address generation on " + name, 0)
            .nest(
                Rtnetlink.IFLA_AF_SPEC,
                families ->
                    families.nest(
                        Rtnetlink.AF_INET6,
                        inet6 ->
                            inet6.attribute(
                                Rtnetlink.IFLA_INET6_ADDR_GEN_MODE,
                                new byte[] {Rtnetlink.IN6_ADDR_GEN_MODE_NONE}))));
  }

  /** {@code struct ifinfomsg}: family, padding, type, index, flags that are set, flags that change. */
  private NetlinkRequest setLink(String purpose, int clearedFlags) {
    return new NetlinkRequest(purpose, Rtnetlink.RTM_SETLINK, 0)
        .u8(Rtnetlink.AF_UNSPEC)
        .u8(0)
        .u16(0)
        .u32(index)
        .u32(0)
        .u32(clearedFlags);
  }

  private void request(NetlinkRequest request) throws IOException {
    try {
      netlink.request(request);
    } catch (SystemCallException e) {
      if (e.is(Errno.EAFNOSUPPORT)) {
        log.debug("{} has no IPv6: {}", name, e.getMessage());
      } else {
        log.warn("The kernel may send packets on {} by itself: {}", name, e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    netlink.close();
  }
}
