package dev.jwg.udp;

/**
 * Datagrams that cross into the kernel and back many at a time, in the kernel's words generic segmentation and receive
 * offload: udp(7). What passes on the wire is the same with and without.
 *
 * @param gso one system call sends many datagrams of one size
 * @param gro one system call receives many datagrams of one size
 */
public record UdpOffloads(boolean gso, boolean gro) {
  @Override
  public String toString() {
    return "UDP segmentation offload is " + onOrOff(gso) + ", UDP receive offload " + onOrOff(gro);
  }

  private static String onOrOff(boolean on) {
    return on ? "on" : "off";
  }
}
