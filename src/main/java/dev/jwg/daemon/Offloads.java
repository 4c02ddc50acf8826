package dev.jwg.daemon;

/**
 * Which of the kernel's ways to pass many packets in one system call an endpoint may use. They change how fast it is and
 * nothing else; those that the kernel does not offer are not used either way.
 *
 * @param tun to read and write packets of the interface
 * @param udpGso to send datagrams
 * @param udpGro to receive datagrams
 */
public record Offloads(boolean tun, boolean udpGso, boolean udpGro) {
  public static final Offloads ALL = new Offloads(true, true, true);
}
