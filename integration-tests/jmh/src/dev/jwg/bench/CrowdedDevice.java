package dev.jwg.bench;

import com.sun.management.ThreadMXBean;
import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.device.Device;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.Environment;
import dev.jwg.device.KeyLog;
import dev.jwg.device.PeerUpdate;
import dev.jwg.linux.EpollLoop;
import dev.jwg.net.IpAddress;
import dev.jwg.route.AllowedIpChange;
import dev.jwg.route.IpPrefix;
import dev.jwg.session.SessionLimits;
import dev.jwg.testing.MemoryTun;
import dev.jwg.time.Clock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** A device on the threads that it has in an endpoint, between ports in memory, whose peers are {@link Correspondents}. */
final class CrowdedDevice implements AutoCloseable {
  private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final EpollLoop control = new EpollLoop("control", CrowdedDevice::fail);
  private final EpollLoop shard = new EpollLoop("shard", CrowdedDevice::fail);
  private final PrivateKey key = X25519.generate(new SecureRandom());
  private final Correspondents correspondents;
  private final MemoryTun tun = new MemoryTun("wg0", 1);
  private final Device device;

  CrowdedDevice(boolean isAnswered) throws Exception {
    correspondents = new Correspondents(X25519.publicKey(key), shard, isAnswered);
    Environment environment =
        new Environment(
            Clock.system(), control, control, List.of(shard), new SecureRandom(), SessionLimits.WHITEPAPER, KeyLog.NONE);
    device = new Device(environment, tun, correspondents);
    apply(new DeviceUpdate(Optional.of(key), OptionalInt.empty(), OptionalInt.empty(), false, List.of()));
    onControl(
        () -> {
          device.start(new Unheard());
          tun.link().onUp();
          return true;
        });
  }

  private static void fail(Throwable bug) {
    bug.printStackTrace();
    System.exit(1);
  }

  Correspondents correspondents() {
    return correspondents;
  }

  /** Peers from one number to another (exclusive), each with an endpoint and one address. */
  static DeviceUpdate peers(int from, int to) {
    List<PeerUpdate> peers = new ArrayList<>(to - from);
    for (int peer = from; peer < to; peer++) {
      IpPrefix own = new IpPrefix(IpAddress.v4(0x0a000000 + peer), 32);
      peers.add(
          new PeerUpdate(
              publicKey(peer),
              /* remove= */ false,
              /* updateOnly= */ false,
              Optional.<PresharedKey>empty(),
              Optional.of(Correspondents.endpoint(peer)),
              OptionalInt.empty(),
              /* replaceAllowedIps= */ true,
              List.of(new AllowedIpChange(own, /* remove= */ false))));
    }
    return of(peers);
  }

  /** The same peers' persistent keepalives. */
  static DeviceUpdate keepalives(int from, int to, int seconds) {
    List<PeerUpdate> peers = new ArrayList<>(to - from);
    for (int peer = from; peer < to; peer++) {
      peers.add(
          new PeerUpdate(
              publicKey(peer),
              /* remove= */ false,
              /* updateOnly= */ true,
              Optional.<PresharedKey>empty(),
              Optional.empty(),
              OptionalInt.of(seconds),
              /* replaceAllowedIps= */ false,
              List.of()));
    }
    return of(peers);
  }

  private static PublicKey publicKey(int peer) {
    return X25519.publicKey(Correspondents.privateKey(peer));
  }

  private static DeviceUpdate of(List<PeerUpdate> peers) {
    return new DeviceUpdate(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), false, peers);
  }

  /** Applies a change on the control thread, and says how much of its time that took, in nanoseconds. */
  long apply(DeviceUpdate update) throws Exception {
    return onControl(
        () -> {
          long before = threads.getCurrentThreadCpuTime();
          device.apply(update);
          return threads.getCurrentThreadCpuTime() - before;
        });
  }

  DeviceState state() throws Exception {
    return onControl(device::state);
  }

  /** What both threads have computed so far, in nanoseconds. */
  long cpuNs() throws Exception {
    return onControl(threads::getCurrentThreadCpuTime) + on(shard, threads::getCurrentThreadCpuTime);
  }

  private <T> T onControl(Callable<T> task) throws Exception {
    return on(control, task);
  }

  private static <T> T on(EpollLoop loop, Callable<T> task) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            result.complete(task.call());
          } catch (Exception failure) {
            result.completeExceptionally(failure);
          }
        });
    return result.get();
  }

  @Override
  public void close() throws Exception {
    onControl(
        () -> {
          device.close();
          return true;
        });
    correspondents.close();
    control.close();
    shard.close();
  }

  private static final class Unheard implements Device.Listener {
    @Override
    public void onListening(int port) {}

    @Override
    public void onNotListening(IOException reason) {}

    @Override
    public void onUnreachable(PublicKey peer) {}

    @Override
    public void onName(String name) {}

    @Override
    public void onDeleted() {}
  }
}
