package dev.jwg.daemon;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigSource;
import dev.jwg.config.HostConfig;
import dev.jwg.config.InterfaceConfig;
import dev.jwg.config.RoutingTable;
import dev.jwg.config.WgConfig;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.host.HostNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a running endpoint what its configuration says by now: keys, port, mark and peers as {@code wg syncconf} does, so
 * that the sessions of peers that stay live on, and the routes of their allowed IPs. All else waits for the next start,
 * and is warned of. A configuration with any fault changes nothing.
 *
 * <p>Reloads have a thread of their own, since they may wait for DNS; only its last step keeps {@link #close} waiting.
 */
final class Reload implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final ConfigSource source;
  private final HostConfig started;
  private final Tunnel tunnel;
  private final HostNetwork network;
  private final EndpointNames names;
  private final Stop stop;

  /** One thread, there while there is something to do; what is asked of it after its end is forgotten. */
  private final ExecutorService thread =
      new ThreadPoolExecutor(
          0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Reload::newThread,
          new ThreadPoolExecutor.DiscardPolicy());

  // The reloads' thread.
  private Fingerprint applied;
  private boolean hadPrivateKey;
  private boolean hasHooksFwMark;
  private String lastRefusal = "";

  private volatile Set<Path> folders;
  private boolean closed; // guarded by this

  /**
   * Reloads of an endpoint that has just been set up.
   *
   * @param applied what it was set up with
   * @param isMarkedByHook whether PreUp gave the device a mark
   */
  Reload(
      ConfigSource source, WgConfig config, Fingerprint applied, boolean isMarkedByHook, Tunnel tunnel,
      HostNetwork network, EndpointNames names, Stop stop) {
    this.source = source;
    this.started = config.device().host();
    this.applied = applied;
    this.tunnel = tunnel;
    this.network = network;
    this.names = names;
    this.stop = stop;
    hasHooksFwMark = isMarkedByHook;
    remember(config.device());
    folders = source.folders(config);
  }

  private void remember(InterfaceConfig device) {
    hadPrivateKey = device.privateKey().isPresent();
    hasHooksFwMark &= device.fwMark().isEmpty();
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "jwg-reload");
    thread.setDaemon(true);
    return thread;
  }

  /** Where to look for changes of what was applied last. */
  Set<Path> folders() {
    return folders;
  }

  /** Reloads, also if only the interface and not its configuration was changed; from any thread, does not wait. */
  void now() {
    thread.execute(
        () -> {
          ServiceManager.tell("RELOADING=1");
          reload(/* onlyIfChanged= */ false);
          ServiceManager.tell("READY=1");
        });
  }

  /** Reloads unless the configuration says what it said before; from any thread, does not wait. */
  void ifChanged() {
    thread.execute(() -> reload(/* onlyIfChanged= */ true));
  }

  private void reload(boolean onlyIfChanged) {
    try {
      WgConfig config = source.read();
      Fingerprint fingerprint = Fingerprint.of(config);
      if (!onlyIfChanged || !fingerprint.equals(applied) || !lastRefusal.isEmpty()) {
        apply(config);
        applied = fingerprint;
        lastRefusal = "";
        folders = source.folders(config);
      }
    } catch (ConfigException | IOException e) {
      refuse(String.valueOf(e.getMessage()), onlyIfChanged);
    } catch (RuntimeException e) {
      stop.onBug(e);
    }
  }

  /** Whoever watches looks often, and is told of each fault once. */
  private void refuse(String reason, boolean onlyIfChanged) {
    if (!stop.isRequested() && !(onlyIfChanged && reason.equals(lastRefusal))) {
      log.error("{}: not reloaded, all stays as it was: {}", tunnel.name(), reason);
      lastRefusal = reason;
    }
  }

  private void apply(WgConfig config) throws ConfigException, IOException {
    DeviceState running = running();
    DeviceUpdate wanted = new Changes(source.toString()).syncconf(config, running);
    log.info("{}: reloaded {}: {}", tunnel.name(), source, apply(withoutChance(wanted, config.device()), running));
    remember(config.device());
    names.replace(config);
    List<String> waiting = keysThatDiffer(started, config.device().host());
    if (!waiting.isEmpty()) {
      log.warn("{}: new {} not applied: takes a restart", tunnel.name(), String.join(", ", waiting));
    }
  }

  private synchronized DeviceState running() throws IOException {
    refuseWhenClosed();
    return tunnel.state();
  }

  private synchronized String apply(DeviceUpdate update, DeviceState before) throws IOException {
    refuseWhenClosed();
    tunnel.apply(update);
    DeviceState after = tunnel.state();
    try {
      network.reroute(before.allowedIps(), after.allowedIps(), started.table(), tunnel.fwmark());
    } catch (IOException e) {
      log.error("{}: the peers are reloaded, but not their routes: {}", tunnel.name(), e.getMessage());
    }
    return StateDifference.between(before, tunnel.state());
  }

  private void refuseWhenClosed() throws IOException {
    if (closed || stop.isRequested()) {
      throw new IOException("going down");
    }
  }

  /**
   * What the file leaves open stays: a port that peers know, a mark that a default route needs, and the key and mark that
   * a hook such as {@code PreUp = wg set %i private-key FILE} gave.
   */
  private DeviceUpdate withoutChance(DeviceUpdate update, InterfaceConfig device) {
    boolean keepsKey = device.privateKey().isEmpty() && !hadPrivateKey;
    boolean isMarkNeeded = started.table().equals(RoutingTable.AUTO) && anyDefault(update);
    boolean keepsMark = device.fwMark().isEmpty() && (hasHooksFwMark || isMarkNeeded);
    return new DeviceUpdate(
        keepsKey ? Optional.empty() : update.privateKey(),
        unlessZero(update.listenPort()),
        keepsMark ? OptionalInt.empty() : update.fwmark(),
        update.replacePeers(),
        update.peers());
  }

  private static boolean anyDefault(DeviceUpdate update) {
    return update.peers().stream()
        .flatMap(peer -> peer.allowedIps().stream())
        .anyMatch(change -> change.prefix().length() == 0);
  }

  private static OptionalInt unlessZero(OptionalInt number) {
    return number.equals(OptionalInt.of(0)) ? OptionalInt.empty() : number;
  }

  private static List<String> keysThatDiffer(HostConfig one, HostConfig other) {
    List<String> keys = new ArrayList<>();
    addIf(keys, "Address", !one.addresses().equals(other.addresses()));
    addIf(
        keys, "DNS", !one.dnsServers().equals(other.dnsServers()) || !one.dnsSearch().equals(other.dnsSearch()));
    addIf(keys, "MTU", !one.mtu().equals(other.mtu()));
    addIf(keys, "Table", !one.table().equals(other.table()));
    addIf(keys, "PreUp, PostUp, PreDown or PostDown", !one.hooks().equals(other.hooks()));
    addIf(keys, "SaveConfig", one.saveConfig() != other.saveConfig());
    return keys;
  }

  private static void addIf(List<String> keys, String key, boolean differs) {
    if (differs) {
      keys.add(key);
    }
  }

  /** Ends reloads; one that is being applied is finished first. */
  @Override
  public void close() {
    thread.shutdownNow();
    synchronized (this) {
      closed = true;
    }
  }
}
