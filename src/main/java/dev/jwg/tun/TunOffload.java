package dev.jwg.tun;

/** What a TUN device hands over and takes many packets at a time: linux/if_tun.h. */
enum TunOffload {
  /** UDP datagrams and TCP segments of one flow: TCP's, TUN_F_USO4 and TUN_F_USO6, since Linux 6.2. */
  TCP_AND_UDP("on", 0x0f | 0x20 | 0x40),
  /** TCP segments of one flow: TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 and TUN_F_TSO_ECN. */
  TCP("on for TCP only", 0x0f),
  /** Nothing: each packet passes alone and as it is. */
  NONE("off", 0);

  private final String text;

  /** What to ask for by TUNSETOFFLOAD. */
  final int flags;

  TunOffload(String text, int flags) {
    this.text = text;
    this.flags = flags;
  }

  @Override
  public String toString() {
    return text;
  }
}
