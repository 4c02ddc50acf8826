package dev.jwg.it;

import java.util.List;

/**
 * The bridge of the seed's section 3: br0 with a container on a veth and a virtual machine on a tap.
 *
 * <p>The machine is a host whose eth0 is another tap: two programs that carry frames between the taps take the place
 * of the hypervisor.
 */
final class BridgedHosts {
  static final String CONTAINER = "10.1.1.2";
  static final String MACHINE = "10.1.1.3";

  private final Host host;
  private final Host container;
  private final Host machine;

  BridgedHosts(Lab lab, Host host) {
    this.host = host;
    container = lab.host("container");
    machine = lab.host("machine");
    addBridge();
    lab.cable(host, "veth0", container, "eth0");
    container.address("eth0", CONTAINER + "/24");
    startMachine(lab.file("machine", "") + ".sock");
    enslave("veth0");
    enslave("tap0");
    for (Host guest : List.of(container, machine)) {
      guest.sh("ip route add default via 10.1.1.1");
    }
  }

  /** Without an address of its own, br0 has its ports' lowest, and changes it when that port is taken out. */
  private void addBridge() {
    host.sh("""
        ip link add br0 address 02:00:00:00:00:01 type bridge
        ip link set br0 up
        ip address add dev br0 10.1.1.1/24
        echo 1 >/proc/sys/net/ipv4/ip_forward
        """);
  }

  /** The socket's messages, of type SOCK_SEQPACKET = 5, keep one frame apart from the next. */
  private void startMachine(String socket) {
    host.sh("""
        ip tuntap add dev tap0 mode tap
        ip link set tap0 up
        """);
    machine.start("socat", "TUN:" + MACHINE + "/24,tun-type=tap,tun-name=eth0,iff-no-pi,iff-up",
        "UNIX-LISTEN:" + socket + ",type=5,unlink-close=0");
    Await.until("the machine has a network card", Jwg.START, () -> host.run("test", "-S", socket).succeeded());
    host.start("socat", "TUN,tun-type=tap,tun-name=tap0,iff-no-pi", "UNIX-CONNECT:" + socket + ",type=5");
  }

  Host container() {
    return container;
  }

  Host machine() {
    return machine;
  }

  void enslave(String port) {
    host.ok("ip", "link", "set", port, "master", "br0");
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
    return new Capture(host, "br0", "arp or icmp");
  }
}
