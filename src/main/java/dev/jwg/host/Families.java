package dev.jwg.host;

import dev.jwg.linux.Rtnetlink;
import dev.jwg.net.IpAddress;

/** Addresses as rtnetlink has them. */
final class Families {
  private Families() {}

  static int of(boolean isV6) {
    return isV6 ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET;
  }

  /** Reads an address attribute; an absent one, of no bytes, is the unspecified address. */
  static IpAddress address(int family, byte[] bytes) {
    if (bytes.length == 0) {
      return family == Rtnetlink.AF_INET6 ? IpAddress.v6(0, 0) : IpAddress.ANY_V4;
    }
    return IpAddress.read(bytes, 0, bytes.length);
  }
}
