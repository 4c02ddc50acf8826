package dev.jwg.linux;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that something changed which decides where datagrams leave: a link, an address, a route, a next hop or a rule of
 * either family. It watches the network namespace in which the constructing thread is, which has to be that of the sockets.
 *
 * <p>What changed is not told: a routing daemon's thousand messages are read without looking into them, and messages that
 * the kernel had to drop (ENOBUFS) are a change like any other.
 */
public final class RouteMonitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RouteMonitor.class);

  // linux/rtnetlink.h; groups above 31 have no RTMGRP_ name, and RTNLGRP_NEXTHOP is ignored by kernels before 5.3
  private static final int RTMGRP_LINK = 1;
  private static final int RTMGRP_IPV4_IFADDR = 0x10;
  private static final int RTMGRP_IPV4_ROUTE = 0x40;
  private static final int RTMGRP_IPV4_RULE = 0x80;
  private static final int RTMGRP_IPV6_IFADDR = 0x100;
  private static final int RTMGRP_IPV6_ROUTE = 0x400;
  private static final int RTNLGRP_IPV6_RULE = 19;
  private static final int RTNLGRP_NEXTHOP = 32;
  private static final int GROUPS =
      RTMGRP_LINK
          | RTMGRP_IPV4_IFADDR
          | RTMGRP_IPV4_ROUTE
          | RTMGRP_IPV4_RULE
          | RTMGRP_IPV6_IFADDR
          | RTMGRP_IPV6_ROUTE
          | 1 << (RTNLGRP_IPV6_RULE - 1)
          | 1 << (RTNLGRP_NEXTHOP - 1);

  /** Datagrams of messages read before the loop's other work gets its turn. */
  private static final int TURN = 64;

  private final NetlinkSocket events;
  private final Runnable onChanged;
  private final Registration registration;

  /** Subscribes; {@code onChanged} runs on the loop from now on. */
  public RouteMonitor(EpollLoop loop, Runnable onChanged) throws IOException {
    this.onChanged = onChanged;
    events = NetlinkSocket.subscribe(GROUPS);
    registration = loop.register(events.fd(), this::read, events::close);
  }

  private void read() {
    boolean changed = false;
    try {
      for (int i = 0; i < TURN && events.discard(); i++) {
        changed = true;
      }
    } catch (SystemCallException e) {
      if (e.is(Errno.ENOBUFS)) {
        changed = true;
      } else {
        log.warn("Changes of routes are no longer followed: {}", e.getMessage());
        registration.close();
      }
    }
    if (changed) {
      onChanged.run();
    }
  }

  /** Lets fewer messages wait, so that a test can have the kernel drop some. */
  void receiveBuffer(int bytes) throws IOException {
    events.receiveBuffer(bytes);
  }

  /** Ends watching; a second call does nothing. */
  @Override
  public void close() {
    registration.close();
  }
}
