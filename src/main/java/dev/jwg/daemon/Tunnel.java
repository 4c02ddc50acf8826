package dev.jwg.daemon;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.Device;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.DeviceStatistics;
import dev.jwg.device.Drop;
import dev.jwg.device.Environment;
import dev.jwg.device.KeyLog;
import dev.jwg.host.HostNetwork;
import dev.jwg.host.Undo;
import dev.jwg.jfr.FlightRecord;
import dev.jwg.linux.BootClock;
import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.RouteMonitor;
import dev.jwg.metrics.Watched;
import dev.jwg.session.SessionLimits;
import dev.jwg.tun.LinuxTun;
import dev.jwg.uapi.DeviceControl;
import dev.jwg.uapi.UapiServer;
import dev.jwg.udp.LinuxUdp;
import dev.jwg.udp.UdpOffloads;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device on its real ports and its threads: the data shards and the control thread. Each thing opened is closed by the
 * given {@link Undo}.
 */
final class Tunnel implements Watched {
  private static final Logger log = LoggerFactory.getLogger(Tunnel.class);

  /** For what the control thread does within milliseconds unless the machine stands still. */
  private static final long CONTROL_SECONDS = 30;

  /** For an answer to those who watch: they do not wait for longer. */
  private static final long WATCHED_SECONDS = 3;

  private final ClaimedName claim;
  private final EpollLoop control;
  private final DataShards shards;
  private final LinuxTun tun;
  private final LinuxUdp udp;
  private final Device device;
  private final CompletableFuture<Integer> listening = new CompletableFuture<>();
  private volatile boolean started;

  private Tunnel(
      ClaimedName claim, EpollLoop control, DataShards shards, LinuxTun tun, LinuxUdp udp, Environment environment) {
    this.claim = claim;
    this.control = control;
    this.shards = shards;
    this.tun = tun;
    this.udp = udp;
    this.device = new Device(environment, tun, udp);
  }

  /** Opens the interface, still down, and what belongs to it. */
  static Tunnel open(
      ClaimedName claim,
      EndpointOptions options,
      SessionLimits limits,
      KeyLog keyLog,
      Consumer<PublicKey> onUnreachable,
      Stop stop,
      Undo undo)
      throws IOException {
    String name = claim.claimed();
    EpollLoop control = new EpollLoop("jwg-control", stop::onBug);
    undo.push("close the control thread", control::close);
    DataShards shards = new DataShards(stop::onBug);
    undo.push("close the data threads", shards::close);
    Offloads offloads = options.offloads();
    LinuxTun tun = LinuxTun.open(name, 0, offloads.tun(), options.shards(), shards::start, control);
    undo.push("close the interface " + name, tun::close);
    LinuxUdp udp = new LinuxUdp(shards.loops(), new UdpOffloads(offloads.udpGso(), offloads.udpGro()));
    undo.push("close the UDP sockets", udp::close);

    Environment environment =
        new Environment(BootClock.INSTANCE, control, control, shards.loops(), new SecureRandom(), limits, keyLog);
    Tunnel tunnel = new Tunnel(claim, control, shards, tun, udp, environment);
    undo.push("close the sessions", tunnel::closeDevice);
    undo.push("end the flight record", FlightRecord.drops(tunnel::drops)::run);
    tunnel.onControl(() -> tunnel.start(stop, onUnreachable));
    tunnel.followRoutes(undo);
    return tunnel;
  }

  /** Without it, datagrams follow the routing table all the same, but from the address that they left from before. */
  private void followRoutes(Undo undo) {
    try {
      RouteMonitor monitor = new RouteMonitor(control, device::pathsChanged);
      undo.push("close the route monitor", monitor::close);
    } catch (IOException refused) {
      log.warn("Changes of routes are not followed: {}", refused.getMessage());
    }
  }

  private boolean start(Stop stop, Consumer<PublicKey> onUnreachable) {
    device.start(
        new Device.Listener() {
          @Override
          public void onListening(int port) {
            if (!listening.complete(port)) {
              log.info("{} listens on port {}", name(), port);
            }
          }

          @Override
          public void onNotListening(IOException reason) {
            boolean failsTheStart = listening.completeExceptionally(reason) && !started;
            if (!failsTheStart) {
              log.error(
                  "{} is up, but nothing passes: {}. It listens once the port is free or another one is set",
                  name(),
                  reason.getMessage());
            }
          }

          @Override
          public void onUnreachable(PublicKey peer) {
            onUnreachable.accept(peer);
          }

          @Override
          public void onName(String present) {
            claim.renamed(present);
          }

          @Override
          public void onDeleted() {
            stop.request("the interface was deleted");
          }
        });
    return true;
  }

  private void closeDevice() throws IOException {
    onControl(
        () -> {
          device.close();
          return true;
        });
  }

  /** Applies a change as a whole. */
  void apply(DeviceUpdate update) throws IOException {
    onControl(
        () -> {
          device.apply(update);
          return true;
        });
  }

  /** All there is to know about the device now. */
  DeviceState state() throws IOException {
    return onControl(device::state);
  }

  @Override
  public String name() {
    return tun.name();
  }

  /** Says that the device is set up: readiness probes succeed from now on. */
  void started() {
    started = true;
  }

  @Override
  public boolean isStarting() {
    return !started;
  }

  @Override
  public DeviceStatistics statistics() throws IOException {
    return await(onLoop(control, device::statistics), WATCHED_SECONDS, "the control thread");
  }

  /** Ours by their names, and what the kernel would not take. */
  @Override
  public Map<String, Long> drops() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Drop reason : Drop.values()) {
      counts.put(reason.name().toLowerCase(Locale.ROOT), device.drops().of(reason));
    }
    counts.put("refused_by_interface", tun.refusedWrites());
    counts.put("refused_by_network", udp.refusedSends());
    return counts;
  }

  @Override
  public void requireAlive() throws IOException {
    CompletableFuture<Boolean> controlAnswers = onLoop(control, () -> true);
    List<CompletableFuture<Boolean>> shardsAnswer =
        shards.loops().stream().map(shard -> onLoop(shard, () -> true)).toList();
    await(controlAnswers, WATCHED_SECONDS, "the control thread");
    for (CompletableFuture<Boolean> shardAnswers : shardsAnswer) {
      await(shardAnswers, WATCHED_SECONDS, "a data thread");
    }
  }

  /** Waits until the interface, set up by the host, listens; returns the port. */
  int awaitListening() throws IOException {
    await(listening, CONTROL_SECONDS, "the control thread");
    return state().listenPort(); // a hook may have changed it since
  }

  /** The mark of what the device sends. */
  HostNetwork.Fwmark fwmark() {
    return new HostNetwork.Fwmark() {
      @Override
      public int get() throws IOException {
        return state().fwmark();
      }

      @Override
      public void set(int mark) throws IOException {
        apply(DeviceUpdate.ofFwmark(mark));
      }
    };
  }

  /** Opens the UAPI socket. */
  void serve(Path directory, Stop stop, Undo undo) throws IOException {
    DeviceControl served =
        new DeviceControl() {
          @Override
          public DeviceState state() {
            return device.state();
          }

          @Override
          public boolean isWithoutPort() {
            return device.isWithoutPort();
          }

          @Override
          public boolean isStarting() {
            return !started;
          }

          @Override
          public void apply(DeviceUpdate update) throws IOException {
            device.apply(update);
          }
        };
    UapiServer server =
        UapiServer.open(
            directory, claim.claimed(), control.loop(), served, () -> stop.request("the UAPI socket was removed"));
    undo.push("close the UAPI socket", server::close);
    claim.follow(server::rename);
  }

  private <T> T onControl(Callable<T> task) throws IOException {
    return await(onLoop(control, task), CONTROL_SECONDS, "the control thread");
  }

  private static <T> CompletableFuture<T> onLoop(EpollLoop loop, Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static <T> T await(CompletableFuture<T> result, long seconds, String who) throws IOException {
    try {
      return result.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException reason) {
        throw reason;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    } catch (TimeoutException stuck) {
      throw new IOException(who + " does not answer");
    }
  }
}
