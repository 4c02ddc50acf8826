package dev.jwg.linux;

import java.io.IOException;

/**
 * Follows what is done to one interface from outside: MTU, up and down, name, removal. It watches the network namespace
 * in which the constructing thread is. Its owner registers {@link #fd} in an epoll loop (level-triggered), then calls
 * {@link #report}, and {@link #onReadable} whenever the loop says so, all on one thread.
 */
public final class LinkMonitor implements AutoCloseable {

  /** Hears changes, and in the first report the present MTU and whether the link is up. */
  public interface Listener {
    void onMtu(int mtu);

    void onUp();

    void onDown();

    void onName(String name);

    /** The interface was deleted; nothing follows. */
    void onGone();

    /**
     * The interface went to another network namespace, where this monitor cannot follow; nothing follows. A descriptor
     * of the device works on, and a monitor made in that namespace sees the interface there.
     */
    void onMoved();
  }

  private record Link(String name, int mtu, boolean up) {}

  private enum Whereabouts {
    HERE,
    MOVED,
    GONE
  }

  private static final int RTMGRP_LINK = 1; // linux/rtnetlink.h
  private static final int IFINFOMSG_INDEX = 4;
  private static final int IFINFOMSG_FLAGS = 8;

  private final int interfaceIndex;
  private final Listener listener;
  private final NetlinkSocket events;
  private final NetlinkSocket queries;
  private Link present;
  private Link reported;
  private Whereabouts whereabouts = Whereabouts.HERE;
  private boolean ended;

  /**
   * Subscribes, then reads the present state, so that no change can fall between the two.
   *
   * @throws IOException there is no such interface, or no socket
   */
  public LinkMonitor(int interfaceIndex, Listener listener) throws IOException {
    this.interfaceIndex = interfaceIndex;
    this.listener = listener;
    events = NetlinkSocket.subscribe(RTMGRP_LINK);
    try {
      queries = NetlinkSocket.open();
    } catch (IOException e) {
      events.close();
      throw e;
    }
    present = new Link("", 0, false);
    reported = present;
    try {
      query();
    } catch (IOException e) {
      close();
      throw e;
    }
    reported = new Link(present.name, 0, !present.up); // differs in what the first report has to say
  }

  /** The descriptor that becomes readable when there may be something to report. */
  public int fd() {
    return events.fd();
  }

  /** Takes in all waiting events and reports the changes, in their order. */
  public void onReadable() throws IOException {
    report();
    while (!ended && receive()) {
      report();
    }
  }

  /** Reports what has not been reported yet. */
  public void report() {
    if (ended) {
      return;
    }
    ended = whereabouts != Whereabouts.HERE;
    Link before = reported;
    reported = present;
    if (!before.name.equals(present.name)) {
      listener.onName(present.name);
    }
    if (before.mtu != present.mtu) {
      listener.onMtu(present.mtu);
    }
    if (!before.up && present.up) {
      listener.onUp();
    }
    if (before.up && !present.up) {
      listener.onDown();
    }
    switch (whereabouts) {
      case HERE -> {}
      case MOVED -> listener.onMoved();
      case GONE -> listener.onGone();
    }
  }

  private boolean receive() throws IOException {
    try {
      return events.receive(this::onEvent);
    } catch (SystemCallException e) {
      if (!e.is(Errno.ENOBUFS)) {
        throw e;
      }
      recover();
      return true;
    }
  }

  /** Events were lost: those that are left are older than what a query says. */
  private void recover() throws IOException {
    boolean more = true;
    while (more) {
      more = events.receive(stale -> {});
    }
    try {
      query();
    } catch (SystemCallException e) {
      if (!e.is(Errno.ENODEV)) {
        throw e;
      }
      whereabouts = Whereabouts.GONE;
    }
  }

  private void query() throws IOException {
    NetlinkRequest get =
        new NetlinkRequest("get link " + interfaceIndex, Rtnetlink.RTM_GETLINK, 0)
            .u8(Rtnetlink.AF_UNSPEC)
            .u8(0)
            .u16(0)
            .u32(interfaceIndex)
            .u32(0)
            .u32(0);
    queries.query(get, this::onEvent);
  }

  private void onEvent(NetlinkMessage message) {
    boolean isLink = message.type() == Rtnetlink.RTM_NEWLINK || message.type() == Rtnetlink.RTM_DELLINK;
    // bridges speak of their ports under their own family: leaving a bridge is no removal
    if (!isLink || message.u8(0) != Rtnetlink.AF_UNSPEC || message.s32(IFINFOMSG_INDEX) != interfaceIndex) {
      return;
    }
    NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_LENGTH);
    if (message.type() == Rtnetlink.RTM_NEWLINK) {
      String name = attributes.string(Rtnetlink.IFLA_IFNAME, present.name);
      int mtu = attributes.s32(Rtnetlink.IFLA_MTU, present.mtu);
      present = new Link(name, mtu, (message.s32(IFINFOMSG_FLAGS) & Rtnetlink.IFF_UP) != 0);
      return;
    }
    whereabouts = attributes.has(Rtnetlink.IFLA_NEW_NETNSID) ? Whereabouts.MOVED : Whereabouts.GONE;
  }

  /** Closes the sockets; a second call does nothing. */
  @Override
  public void close() {
    ended = true;
    events.close();
    queries.close();
  }
}
