package dev.jwg.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A virtual machine with a kernel that has WireGuard, run by QEMU on a switch's host and ending with that.
 *
 * <p>Its network card eth0 is a tap on the switch, and belongs to whichever of its hosts was connected last; of a host
 * that ended, the card comes back. A second card, eth1, stays with the guest: on it, the guest's agent is told what to
 * run. A guest emulates its processor and so takes seconds to start: it serves many tests, and whatever one of these
 * did ends with the test's host. {@code integration-tests/setup} makes what it boots.
 */
final class Guest implements Machine {
  private static final String CARD = "eth0";
  private static final Duration BOOT = Duration.ofSeconds(60);
  private static final Duration CARD_RETURN = Duration.ofSeconds(20);
  private static final Path KERNELS = Path.of(
      System.getenv().getOrDefault("JWG_CACHE", System.getProperty("user.home") + "/.cache/jwg"), "kernels");

  private final String tap;
  private final SocketAddress agent;
  private final Running qemu;

  /** Boots the kernel; the number, from 1, tells guests of one switch apart. */
  Guest(Host switchHost, String kernel, int number) {
    tap = "tap" + number;
    String control = "control" + number;
    String gateway = "169.254." + number + ".1";
    String address = "169.254." + number + ".2";
    for (String device : List.of(tap, control)) {
      switchHost.ok("ip", "tuntap", "add", device, "mode", "tap");
      switchHost.ok("ip", "link", "set", device, "up");
    }
    switchHost.address(control, gateway + "/30");
    qemu = switchHost.start(qemu(KERNELS.resolve(kernel), address, number));
    awaitBoot();
    // By way of the switch's own file system, so that the socket's file goes with it.
    String socket = "/run/guest" + number;
    switchHost.start("socat", "UNIX-LISTEN:" + socket + ",fork", "TCP:" + address + ":1,connect-timeout=10");
    Await.until("there is a way to the agent", BOOT, () -> switchHost.run("test", "-S", socket).succeeded());
    agent = UnixDomainSocketAddress.of("/proc/" + switchHost.pid() + "/root" + socket);
    Await.until("the agent answers", BOOT, this::answers);
  }

  /** A connection breaks while the way to the agent is there and the agent is not. */
  private boolean answers() {
    try {
      return run("true").succeeded();
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  private void awaitBoot() {
    try {
      qemu.awaitLine("^guest with kernel .* is ready", BOOT);
    } catch (AssertionError e) {
      qemu.close();
      throw new AssertionError("the guest's console:\n" + qemu.output(), e);
    }
  }

  private static String[] qemu(Path kernel, String address, int number) {
    List<String> command = new ArrayList<>(List.of("qemu-system-x86_64",
        "-accel", "tcg,thread=multi,tb-size=64", "-cpu", "max",
        "-m", "256", "-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio",
        "-kernel", kernel.resolve("vmlinuz").toString(), "-initrd", kernel.resolve("initramfs").toString(),
        // Emulation is slow enough without the work-arounds for the flaws of real processors.
        "-append", "console=ttyS0 panic=-1 mitigations=off random.trust_cpu=on agent=" + address));
    command.addAll(card("tap", number, 0));
    command.addAll(card("control", number, 1));
    return command.toArray(String[]::new);
  }

  /** The cards are named eth0 and eth1 in this order. */
  private static List<String> card(String tap, int number, int card) {
    return List.of("-netdev", "tap,id=net" + card + ",script=no,downscript=no,ifname=" + tap + number,
        "-device", "virtio-net-pci,romfile=,netdev=net" + card + ",mac=02:00:00:00:%02x:%02x".formatted(number, card));
  }

  /** Whether setup has made what a guest with this kernel boots. */
  static boolean isInstalled(String kernel) {
    return Files.exists(KERNELS.resolve(kernel).resolve("built"));
  }

  /** What {@code uname -r} prints on a guest with this installed kernel. */
  static String release(String kernel) {
    return Lab.text(KERNELS.resolve(kernel).resolve("release")).strip();
  }

  @Override
  public Process start(List<String> command) throws IOException {
    return new GuestProcess(agent, command);
  }

  /** Runs a command outside of the guest's hosts, which must succeed. */
  private String ok(String... command) {
    return run(command).orFail();
  }

  private Result run(String... command) {
    Running running = new Running(List.of(command), this, List.of(command));
    running.closeInput();
    return running.awaitExit(Host.COMMAND_LIMIT);
  }

  @Override
  public String connect(Host host, String device, Host switchHost) {
    Await.until(CARD + " is back from the guest's last host", CARD_RETURN,
        () -> run("ip", "link", "set", CARD, "netns", host.pid(), "name", device).succeeded());
    return tap;
  }

  @Override
  public void disconnect(String port, Host switchHost) {
    switchHost.ok("ip", "link", "set", port, "nomaster");
  }

  /** The files are small; they go when the guest does. */
  @Override
  public void share(Path file, String text) {
    ok("sh", "-ec", "umask 077; mkdir -p \"${1%/*}\"; printf %s \"$2\" >\"$1\"", "share", file.toString(), text);
  }

  @Override
  public String log() {
    String kernel = qemu.isAlive() ? run("sh", "-c", "dmesg | tail -n 100").output() : qemu.output();
    return "--- guest's kernel\n" + kernel + "\n";
  }
}
