package dev.jwg.it;

import java.util.List;

/**
 * The bridge br0 of a host, which routes for it, and containers on it: hosts whose eth0 is the far end of a veth.
 *
 * <p>Bridge number n has the networks 10.1.n.0/24 and fd10:0:0:n::/64; the host is the first in each.
 */
final class Bridge {
  static final String DEVICE = "br0";

  private final Lab lab;
  private final Host host;
  private final int number;
  private int containers;

  /** Without an address of its own, br0 has its ports' lowest, and changes it when that port is taken out. */
  Bridge(Lab lab, Host host, int number) {
    this.lab = lab;
    this.host = host;
    this.number = number;
    host.ok("ip", "link", "add", DEVICE, "address", "02:00:00:00:00:0" + number, "type", "bridge");
    host.ok("ip", "link", "set", DEVICE, "up");
    host.address(DEVICE, address4(1) + "/24");
    host.address(DEVICE, address6(1) + "/64");
    host.sh("""
        echo 1 >/proc/sys/net/ipv4/ip_forward
        echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
        """);
  }

  Host host() {
    return host;
  }

  /** Connects a new host by veth0, veth1 and so on, in the order of the calls, under an address that ends so. */
  Host addContainer(String name, int last) {
    String port = "veth" + containers++;
    Host container = lab.host(name);
    lab.cable(host, port, container, "eth0");
    container.address("eth0", address4(last) + "/24");
    container.address("eth0", address6(last) + "/64");
    enslave(port);
    routeThroughHost(container);
    return container;
  }

  void routeThroughHost(Host member) {
    member.ok("ip", "route", "add", "default", "via", address4(1));
    member.ok("ip", "route", "add", "default", "via", address6(1), "dev", "eth0");
  }

  String network4() {
    return address4(0) + "/24";
  }

  String network6() {
    return address6(0) + "/64";
  }

  String address4(int last) {
    return "10.1." + number + "." + last;
  }

  String address6(int last) {
    return "fd10:0:0:" + number + "::" + (last == 0 ? "" : last);
  }

  void enslave(String port) {
    host.ok("ip", "link", "set", port, "master", DEVICE);
    Await.until(port + " is forwarding", Jwg.START, () -> ports().contains(port));
  }

  void release(String port) {
    host.ok("ip", "link", "set", port, "nomaster");
  }

  /** The interfaces between which br0 forwards. */
  List<String> ports() {
    return host.sh("""
        bridge -j link | jq -r '.[] | select(.master == "br0" and .state == "forwarding") | .ifname' | sort
        """).lines().toList();
  }

  /** Starts to print what ARP and ICMP packets br0 sees. */
  Capture capture() {
    return new Capture(host, DEVICE, "arp or icmp or icmp6");
  }
}
