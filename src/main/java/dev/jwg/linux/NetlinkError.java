package dev.jwg.linux;

import org.jspecify.annotations.Nullable;

/** Reads {@code struct nlmsgerr} and the extended acknowledgement behind it (linux/netlink.h). */
final class NetlinkError {
  private static final int NLM_F_CAPPED = 0x100;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int NLMSGERR_ATTR_OFFS = 2;
  private static final int NLMSG_DONE = 3;

  private NetlinkError() {}

  /**
   * What an acknowledgement or the end of a dump says of the request.
   *
   * @return null if it succeeded
   */
  static @Nullable SystemCallException of(NetlinkMessage message, NetlinkRequest request) {
    int errno = message.length() < Integer.BYTES ? 0 : -message.s32(0);
    if (errno == 0) {
      return null;
    }
    String advice = words(message);
    if (advice.isEmpty() && errno == Errno.EPERM.number()) {
      advice = "need CAP_NET_ADMIN";
    }
    return advice.isEmpty()
        ? new SystemCallException(request.purpose(), errno)
        : new SystemCallException(request.purpose(), errno, advice);
  }

  private static String words(NetlinkMessage message) {
    if ((message.flags() & NLM_F_ACK_TLVS) == 0) {
      return "";
    }
    NetlinkAttributes details = message.attributes(detailsOffset(message));
    String words = details.string(NLMSGERR_ATTR_MSG, "");
    int offset = details.s32(NLMSGERR_ATTR_OFFS, 0);
    if (offset == 0) {
      return words;
    }
    return (words.isEmpty() ? "" : words + ", ") + "at byte " + offset + " of the request";
  }

  /** Behind the error number come the request's header and, unless that was cut off, all of the request. */
  private static int detailsOffset(NetlinkMessage message) {
    if (message.type() == NLMSG_DONE) {
      return Integer.BYTES;
    }
    boolean capped = (message.flags() & NLM_F_CAPPED) != 0;
    int requestLength = capped ? NetlinkRequest.NLMSG_HDRLEN : NetlinkRequest.align(message.s32(Integer.BYTES));
    return Integer.BYTES + requestLength;
  }
}
