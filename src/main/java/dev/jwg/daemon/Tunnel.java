package dev.jwg.daemon;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.Device;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.Environment;
import dev.jwg.device.KeyLog;
import dev.jwg.host.HostNetwork;
import dev.jwg.host.Undo;
import dev.jwg.linux.EpollLoop;
import dev.jwg.session.SessionLimits;
import dev.jwg.time.Clock;
import dev.jwg.tun.LinuxTun;
import dev.jwg.uapi.DeviceControl;
import dev.jwg.uapi.UapiServer;
import dev.jwg.udp.LinuxUdp;
import dev.jwg.udp.UdpOffloads;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device on its real ports and two threads: the data shard and the control thread. Each thing opened is closed by the
 * given {@link Undo}.
 */
final class Tunnel {
  private static final Logger log = LoggerFactory.getLogger(Tunnel.class);

  /** For what the control thread does within milliseconds unless the machine stands still. */
  private static final long CONTROL_SECONDS = 30;

  private final String name;
  private final EpollLoop control;
  private final Device device;
  private final CompletableFuture<Integer> listening = new CompletableFuture<>();

  private Tunnel(String name, EpollLoop control, Device device) {
    this.name = name;
    this.control = control;
    this.device = device;
  }

  /** Opens the interface, still down, and what belongs to it. */
  static Tunnel open(
      String name,
      Offloads offloads,
      SessionLimits limits,
      KeyLog keyLog,
      Consumer<PublicKey> onUnreachable,
      Stop stop,
      Undo undo)
      throws IOException {
    EpollLoop control = new EpollLoop("jwg-control", stop::onBug);
    undo.push("close the control thread", control::close);
    EpollLoop shard = new EpollLoop("jwg-data", stop::onBug);
    undo.push("close the data thread", shard::close);
    LinuxTun tun = LinuxTun.open(name, 0, offloads.tun(), shard, control);
    undo.push("close the interface " + name, tun::close);
    LinuxUdp udp = new LinuxUdp(shard, new UdpOffloads(offloads.udpGso(), offloads.udpGro()));
    undo.push("close the UDP sockets", udp::close);

    Environment environment =
        new Environment(Clock.system(), control, control, shard, new SecureRandom(), limits, keyLog);
    Tunnel tunnel = new Tunnel(name, control, new Device(environment, tun, udp));
    undo.push("close the sessions", tunnel::closeDevice);
    tunnel.onControl(() -> tunnel.start(stop, onUnreachable));
    return tunnel;
  }

  private boolean start(Stop stop, Consumer<PublicKey> onUnreachable) {
    device.start(
        new Device.Listener() {
          @Override
          public void onListening(int port) {
            listening.complete(port);
          }

          @Override
          public void onNotListening(IOException reason) {
            if (!listening.completeExceptionally(reason)) {
              log.error("{} is up without a listen port, nothing passes: {}", name, reason.getMessage());
            }
          }

          @Override
          public void onUnreachable(PublicKey peer) {
            onUnreachable.accept(peer);
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

  /** Waits until the interface, set up by the host, listens. */
  int awaitListening() throws IOException {
    return await(listening);
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
          public void apply(DeviceUpdate update) throws IOException {
            device.apply(update);
          }
        };
    UapiServer server =
        UapiServer.open(
            directory, name, control.loop(), served, () -> stop.request("the UAPI socket was removed"));
    undo.push("close the UAPI socket", server::close);
  }

  private <T> T onControl(Callable<T> task) throws IOException {
    CompletableFuture<T> result = new CompletableFuture<>();
    control.execute(
        () -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return await(result);
  }

  private static <T> T await(CompletableFuture<T> result) throws IOException {
    try {
      return result.get(CONTROL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException reason) {
        throw reason;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    } catch (TimeoutException stuck) {
      throw new IOException("the control thread does not answer");
    }
  }
}
