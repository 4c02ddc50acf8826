package dev.jwg.it;

import java.time.Duration;
import java.util.List;

/** What tcpdump sees on one interface: a line per packet, as it prints them without names. */
final class Capture {
  private static final Duration START = Duration.ofSeconds(20);

  private final Running tcpdump;

  /** Starts to capture what the filter, in the language of pcap-filter(7), lets through; sees all from its return on. */
  Capture(Host host, String device, String filter) {
    tcpdump = host.start("tcpdump", "-n", "-l", "-q", "-t", "--immediate-mode", "-i", device, filter);
    tcpdump.awaitLine("listening on " + device, START);
  }

  /** A packet for each of these texts must be seen, in any order, before the deadline. */
  void awaitSeen(Duration limit, String... packets) {
    for (String packet : packets) {
      Await.until("'" + tcpdump + "' sees " + packet, limit, () -> count(packet) > 0);
    }
  }

  /** The packets seen so far. */
  List<String> packets() {
    return tcpdump.output().lines().filter(line -> line.matches("^(IP|ARP|\\S+ >).*")).toList();
  }

  /** How many of the packets contain the text. */
  long count(String text) {
    return packets().stream().filter(packet -> packet.contains(text)).count();
  }
}
