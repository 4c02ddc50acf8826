package dev.jwg.host;

import dev.jwg.linux.Errno;
import dev.jwg.linux.NetlinkSocket;
import dev.jwg.linux.SystemCallException;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an interface takes IPv6. Containers and hardened hosts often have it off; the tunnel then runs without its
 * IPv6 addresses and routes, and says so once.
 */
final class Ipv6 {
  /** RFC 8200 section 5: with a smaller MTU the kernel takes IPv6 off the interface. */
  private static final int MIN_MTU = 1280;

  /** Disabled by sysctl, or the kernel has none, or a security module forbids it. */
  private static final List<Errno> OFF = List.of(Errno.EACCES, Errno.EPERM, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT);

  private static final Logger log = LoggerFactory.getLogger(Ipv6.class);

  private final NetlinkSocket socket;
  private final Link link;
  private boolean off;

  Ipv6(NetlinkSocket socket, Link link) {
    this.socket = socket;
    this.link = link;
  }

  /** True once the interface has refused IPv6. */
  boolean isOff() {
    return off;
  }

  /** Returns true if a request failed because the host has no IPv6. */
  static boolean isOff(SystemCallException failure) {
    return OFF.stream().anyMatch(failure::is);
  }

  /** True if a failed IPv6 request failed because the interface does not take IPv6 at all. */
  boolean isRefusedBy(SystemCallException failure) throws IOException {
    boolean mtuTooSmall = Link.numbered(socket, link.index()).mtu() < MIN_MTU;
    if (!mtuTooSmall && !isOff(failure)) {
      return false;
    }
    if (!off) {
      String reason = mtuTooSmall ? "its MTU is below " + MIN_MTU : failure.getMessage();
      log.warn("{} goes without its IPv6 addresses and routes: {}", link.name(), reason);
    }
    off = true;
    return true;
  }
}
