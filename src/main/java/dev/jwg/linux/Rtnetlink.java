package dev.jwg.linux;

/** Numbers of rtnetlink(7), under the names of the kernel's headers. */
public final class Rtnetlink {

  // linux/rtnetlink.h, message types
  public static final int RTM_NEWLINK = 16;
  public static final int RTM_DELLINK = 17;
  public static final int RTM_GETLINK = 18;
  public static final int RTM_SETLINK = 19;
  public static final int RTM_NEWADDR = 20;
  public static final int RTM_DELADDR = 21;
  public static final int RTM_GETADDR = 22;
  public static final int RTM_NEWROUTE = 24;
  public static final int RTM_DELROUTE = 25;
  public static final int RTM_GETROUTE = 26;
  public static final int RTM_NEWRULE = 32;
  public static final int RTM_DELRULE = 33;
  public static final int RTM_GETRULE = 34;

  // bits/socket.h, address families
  public static final int AF_UNSPEC = 0;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;

  // linux/if_link.h: struct ifinfomsg and its attributes
  public static final int IFINFOMSG_LENGTH = 16;
  public static final int IFLA_IFNAME = 3;
  public static final int IFLA_MTU = 4;
  public static final int IFLA_AF_SPEC = 26;
  public static final int IFLA_NEW_NETNSID = 45;
  public static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  public static final int IN6_ADDR_GEN_MODE_NONE = 1;

  /** The interface is administratively up (linux/if.h). */
  public static final int IFF_UP = 1;

  /** The interface takes part in multicast (linux/if.h). */
  public static final int IFF_MULTICAST = 0x1000;

  // linux/if_addr.h: struct ifaddrmsg and its attributes
  public static final int IFADDRMSG_LENGTH = 8;
  public static final int IFA_ADDRESS = 1;
  public static final int IFA_LOCAL = 2;
  public static final int IFA_PROTO = 11;

  // linux/rtnetlink.h: struct rtmsg, its attributes and values
  public static final int RTMSG_LENGTH = 12;
  public static final int RTA_DST = 1;
  public static final int RTA_SRC = 2;
  public static final int RTA_OIF = 4;
  public static final int RTA_PRIORITY = 6;
  public static final int RTA_PREFSRC = 7;
  public static final int RTA_METRICS = 8;
  public static final int RTA_TABLE = 15;
  public static final int RTA_MARK = 16;
  public static final int RTA_IP_PROTO = 27;
  public static final int RTA_SPORT = 28;
  public static final int RTA_DPORT = 29;
  public static final int RTAX_MTU = 2;
  public static final int RT_TABLE_UNSPEC = 0;
  public static final int RT_TABLE_MAIN = 254;
  public static final int RTPROT_BOOT = 3;
  public static final int RT_SCOPE_UNIVERSE = 0;
  public static final int RT_SCOPE_LINK = 253;
  public static final int RT_SCOPE_HOST = 254;
  public static final int RTN_UNICAST = 1;

  /** The answer is the route in the table, not what follows from it; without one the request fails. */
  public static final int RTM_F_FIB_MATCH = 0x2000;

  // linux/fib_rules.h: struct fib_rule_hdr, its attributes and values
  public static final int FIB_RULE_HDR_LENGTH = 12;
  public static final int FRA_PRIORITY = 6;
  public static final int FRA_FWMARK = 10;
  public static final int FRA_SUPPRESS_PREFIXLEN = 14;
  public static final int FRA_TABLE = 15;
  public static final int FRA_PROTOCOL = 21;
  public static final int FIB_RULE_INVERT = 2;
  public static final int FR_ACT_TO_TBL = 1;

  private Rtnetlink() {}
}
