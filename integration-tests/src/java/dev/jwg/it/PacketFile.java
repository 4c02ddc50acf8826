package dev.jwg.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All packets that one interface sees, in a file for tshark to dissect. */
final class PacketFile {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /**
   * All but WireGuard's four messages with their reserved bytes zero, ARP, and ICMPv6's neighbour discovery (RFC 4861)
   * with the reports of multicast listeners (RFC 3810), by which a host can be asked for its address.
   */
  private static final String STRANGERS = """
      !(arp || icmpv6.type in {133..137, 143} || (udp.port == %d \
      && udp.payload[0] >= 01 && udp.payload[0] <= 04 && udp.payload[1:3] == 00:00:00))
      """.formatted(Side.PORT).strip();

  private static final List<String> FIELDS =
      List.of("wg.type", "wg.static", "wg.timestamp.tai64_label", "wg.handshake_ok", "wg.keepalive",
          "icmp.type", "ip.src", "ip.dst");

  /**
   * A WireGuard message as tshark shows it; empty is what it does not have or does not reveal.
   *
   * @param timestamp the whole seconds of the TAI64N label
   * @param keepalive not empty for transport data of no length
   * @param icmp the type of the inner packet
   * @param source of the inner packet, or the outer one if that is all that can be seen
   */
  record Message(
      String type, String staticKey, String timestamp, String handshakeOk, String keepalive,
      String icmp, String source, String destination) {

    boolean isData() {
      return type.equals("4") && keepalive.isEmpty();
    }
  }

  private final Path file;
  private final Running tcpdump;

  /** Starts to capture; all is seen from its return on. */
  PacketFile(Lab lab, Host host, String device) {
    file = lab.folder("captures").resolve(host.name() + "-" + device + ".pcap");
    tcpdump = host.start("tcpdump", "-n", "-U", "--immediate-mode", "-Z", "root", "-i", device, "-w", file.toString());
    tcpdump.awaitLine("listening on " + device, LIMIT);
  }

  /** Ends the capture once so many packets that the filter of pcap-filter(7) lets through are in the file. */
  void endAfter(long count, String filter) {
    Await.until("'" + tcpdump + "' has seen " + count + " of " + filter, LIMIT, () -> seen(filter) >= count);
    tcpdump.signal("TERM");
    tcpdump.awaitExit(LIMIT).orFail();
  }

  /** While tcpdump writes, the last packet may be there in part only, which ends the reader with a failure. */
  private long seen(String filter) {
    List<String> command = List.of("tcpdump", "-n", "-t", "-q", "-r", file.toString(), filter);
    return new Running(command, new ProcessBuilder(command)).awaitExit(LIMIT).output().lines()
        .filter(line -> line.startsWith("IP"))
        .count();
  }

  /** Packets that neither belong to WireGuard nor help hosts to find each other. */
  List<String> strangers() {
    return tshark(List.of("-Y", STRANGERS));
  }

  /** The WireGuard messages, as who has no key sees them. */
  List<Message> messages() {
    return messages(List.of());
  }

  /** The WireGuard messages, as who has the key log sees them. */
  List<Message> messages(Path keyLog) {
    return messages(List.of("-o", "wg.keylog_file:" + keyLog));
  }

  private List<Message> messages(List<String> preference) {
    List<String> arguments = new ArrayList<>(preference);
    arguments.addAll(List.of("-Y", "wg", "-T", "fields", "-E", "separator=,", "-E", "occurrence=l"));
    for (String field : FIELDS) {
      arguments.add("-e");
      arguments.add(field);
    }
    return tshark(arguments).stream().map(PacketFile::message).toList();
  }

  private static Message message(String line) {
    String[] values = line.split(",", -1);
    if (values.length != FIELDS.size()) {
      throw new AssertionError("not the fields that were asked for: " + line);
    }
    return new Message(
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
  }

  private List<String> tshark(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
    command.addAll(arguments);
    return new Running(command, new ProcessBuilder(command)).awaitExit(LIMIT).orFail().lines()
        .filter(line -> !line.startsWith("Running as user"))
        .toList();
  }
}
