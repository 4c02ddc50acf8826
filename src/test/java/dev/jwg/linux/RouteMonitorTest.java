package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jspecify.annotations.Nullable;

final class RouteMonitorTest {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final AtomicReference<@Nullable Throwable> bug = new AtomicReference<>();
  private final EpollLoop loop = new EpollLoop("monitor", bug::set);
  private NetworkNamespace namespace;
  private RouteMonitor monitor;

  @BeforeEach
  void watch() throws Exception {
    namespace = new NetworkNamespace();
    // No link with a carrier: the kernel would have more to say of it later.
    namespace.ip("tuntap add wg0 mode tun");
    namespace.ip("address add 10.8.0.1/24 dev lo");
    monitor = namespace.run(() -> new RouteMonitor(loop, () -> heard.add("changed")));
  }

  @AfterEach
  void remove() throws Exception {
    if (monitor != null) {
      monitor.close();
    }
    loop.close();
    if (namespace != null) {
      namespace.close();
    }
    assertEquals(null, bug.get());
  }

  private void assertHeard(String after) throws Exception {
    assertTrue(heard.poll(30, TimeUnit.SECONDS) != null, after);
  }

  /** Returns once the loop has read what there was. */
  private void settle() throws Exception {
    for (int i = 0; i < 3; i++) {
      CountDownLatch passed = new CountDownLatch(1);
      loop.execute(passed::countDown);
      assertTrue(passed.await(30, TimeUnit.SECONDS));
    }
    heard.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "route add 192.0.2.0/24 dev lo",
    "-6 route add 2001:db8::/64 dev lo",
    "rule add fwmark 5 lookup 100",
    "-6 rule add fwmark 5 lookup 100",
    "address add 10.8.0.3/24 dev lo",
    "-6 address add fd08::1/64 dev lo nodad",
    "address change 10.8.0.1/24 dev lo preferred_lft 0",
    "nexthop add id 5 dev lo",
    "link set lo down",
    "link set wg0 name wg1",
    "link delete wg0",
  })
  void changeIsTold(String change) throws Exception {
    settle();
    namespace.ip(change);
    assertHeard(change);
  }

  @Test
  void changesThatTheKernelHadToDropAreAChange() throws Exception {
    monitor.receiveBuffer(1);
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    loop.execute(
        () -> {
          blocked.countDown();
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    blocked.await();
    for (int i = 1; i <= 20; i++) {
      namespace.ip("route add 192.0.2." + i + " dev lo");
    }
    heard.clear();
    released.countDown();
    assertHeard("lost messages");
    settle();
    namespace.ip("route add 198.51.100.0/24 dev lo");
    assertHeard("a change after the lost ones");
  }

  @Test
  void nothingIsToldAfterTheEnd() throws Exception {
    monitor.close();
    settle();
    namespace.ip("route add 192.0.2.0/24 dev lo");
    CountDownLatch passed = new CountDownLatch(1);
    loop.execute(passed::countDown);
    assertTrue(passed.await(30, TimeUnit.SECONDS));
    assertEquals(0, heard.size());
  }
}
