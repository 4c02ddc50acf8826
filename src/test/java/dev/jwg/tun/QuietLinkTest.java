package dev.jwg.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel has nothing to send by itself on an interface that is ours. */
final class QuietLinkTest {
  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final EpollLoop shard = new EpollLoop("jwg-test-shard", fatal::add);
  private final EpollLoop control = new EpollLoop("jwg-test-control", fatal::add);
  private NetworkNamespace namespace;

  @BeforeEach
  void makeNamespace() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun: modprobe tun");
    namespace = new NetworkNamespace();
  }

  @AfterEach
  void remove() throws Exception {
    shard.close();
    control.close();
    if (namespace != null) {
      namespace.close();
    }
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  @Test
  void aNewInterfaceHasTheFlagsOfTheKernelsAndNoLinkLocalAddress() throws Exception {
    LinuxTun tun = open();
    assertQuiet();
    namespace.ip("link set wg0 up");
    assertEquals("", namespace.ip("-6 address show dev wg0"));
    tun.close();
  }

  private void assertQuiet() throws Exception {
    String link = namespace.ip("-d link show wg0");
    assertTrue(link.contains("<POINTOPOINT,NOARP>"), link);
    assertTrue(link.contains(" addrgenmode none "), link);
  }

  @Test
  void aPersistentInterfaceKeepsWhatItsMakerChose() throws Exception {
    namespace.ip("tuntap add wg0 mode tun");
    String before = flags();
    assertTrue(before.contains("MULTICAST"), before);
    open().close();
    assertEquals(before, flags());
    String link = namespace.ip("-d link show wg0");
    assertFalse(link.contains(" addrgenmode none "), link);
  }

  private String flags() throws Exception {
    return namespace.ip("link show wg0").replaceAll("(?s)[^<]*(<.*?>).*", "$1");
  }

  @Test
  void anInterfaceWithoutIpv6IsNoFailure() throws Exception {
    LinuxTun tun = open();
    namespace.ip("link set wg0 mtu 1279"); // takes IPv6 off the interface, and netlink answers EAFNOSUPPORT
    namespace.run(
        () -> {
          try (QuietLink link = QuietLink.open("wg0")) {
            link.disableAddressGeneration();
          }
          return true;
        });
    namespace.ip("link set wg0 mtu 1280");
    namespace.run(
        () -> {
          try (QuietLink link = QuietLink.open("wg0")) {
            link.disableAddressGeneration();
          }
          return true;
        });
    assertQuiet();
    tun.close();
  }

  private LinuxTun open() throws Exception {
    return namespace.run(() -> LinuxTun.open("wg0", 0, false, 1, queues -> List.of(shard), control));
  }
}
