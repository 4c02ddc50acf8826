package dev.jwg.it;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The outside: a host whose bridge br0 all others are ports of, namespaces by a veth and guests by their tap. */
final class Switch implements AutoCloseable {
  static final String BRIDGE = "br0";

  /** A second bridge, for those whose way to the first leads through a router. */
  static final String HIDDEN = "br1";

  private final Host host = new Host("switch", ThisMachine.INSTANCE);
  private final Map<String, Machine> ports = new LinkedHashMap<>();

  /** The switch itself says nothing on its ports. */
  Switch() {
    host.sh("""
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
        echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
        """);
    for (String bridge : List.of(BRIDGE, HIDDEN)) {
      host.sh("ip link add %1$s type bridge mcast_snooping 0; ip link set %1$s up".formatted(bridge));
    }
  }

  Host host() {
    return host;
  }

  /** Gives a host an interface that is a port of the bridge. */
  void plug(Host host, String device, String bridge) {
    String port = host.machine().connect(host, device, this.host);
    ports.put(port, host.machine());
    this.host.ok("ip", "link", "set", port, "master", bridge, "up");
    host.ok("ip", "link", "set", device, "up");
  }

  /** Pulls all plugs: a host may live for some time after its test, and answer in the next one's place. */
  void unplugAll() {
    ports.forEach((port, machine) -> machine.disconnect(port, host));
    ports.clear();
  }

  @Override
  public void close() {
    host.close();
  }
}
