package dev.jwg.it;

/**
 * The bridge of the seed's section 3: br0 with two containers, on veth0 and veth1, and a virtual machine on tap0.
 *
 * <p>The machine is a host whose eth0 is another tap: two programs that carry frames between the taps take the place
 * of the hypervisor.
 */
final class BridgedHosts {
  static final String CONTAINER = "10.1.1.2";
  static final String MACHINE = "10.1.1.3";

  private final Bridge bridge;
  private final Host container;
  private final Host machine;
  private final Host secondContainer;

  BridgedHosts(Lab lab, Host host) {
    bridge = new Bridge(lab, host, 1);
    container = bridge.addContainer("container", 2);
    machine = lab.host("machine");
    startMachine(lab.file("machine", "") + ".sock");
    bridge.enslave("tap0");
    bridge.routeThroughHost(machine);
    secondContainer = bridge.addContainer("second container", 4);
  }

  /** The socket's messages, of type SOCK_SEQPACKET = 5, keep one frame apart from the next. */
  private void startMachine(String socket) {
    bridge.host().sh("""
        ip tuntap add dev tap0 mode tap
        ip link set tap0 up
        """);
    machine.start("socat", "TUN:" + MACHINE + "/24,tun-type=tap,tun-name=eth0,iff-no-pi,iff-up",
        "UNIX-LISTEN:" + socket + ",type=5,unlink-close=0");
    Await.until("the machine has a network card", Jwg.START, () -> machine.run("test", "-S", socket).succeeded());
    machine.address("eth0", bridge.address6(3) + "/64");
    bridge.host().start("socat", "TUN,tun-type=tap,tun-name=tap0,iff-no-pi", "UNIX-CONNECT:" + socket + ",type=5");
  }

  Bridge bridge() {
    return bridge;
  }

  Host container() {
    return container;
  }

  Host machine() {
    return machine;
  }

  Host secondContainer() {
    return secondContainer;
  }

  /** The member behind a port. */
  Host behind(String port) {
    return switch (port) {
      case "veth0" -> container;
      case "veth1" -> secondContainer;
      case "tap0" -> machine;
      default -> throw new IllegalArgumentException(port);
    };
  }
}
