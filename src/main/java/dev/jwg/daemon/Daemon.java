package dev.jwg.daemon;

import dev.jwg.change.Changes;
import dev.jwg.config.ConfigException;
import dev.jwg.config.ConfigSource;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.HostConfig;
import dev.jwg.config.WgConfig;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.KeyLog;
import dev.jwg.host.ChildEnvironment;
import dev.jwg.host.Dns;
import dev.jwg.host.HostNetwork;
import dev.jwg.host.InterfaceAddress;
import dev.jwg.host.ShellHooks;
import dev.jwg.host.Undo;
import dev.jwg.linux.BootClock;
import dev.jwg.linux.EpollLoop;
import dev.jwg.linux.Libc;
import dev.jwg.metrics.MetricsServer;
import dev.jwg.session.SessionLimits;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One endpoint in the foreground, from claiming its name until everything is put back: on SIGTERM and SIGINT, when the
 * interface or the UAPI socket is removed, and when a step of the start fails.
 */
public final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  /** All files that an endpoint makes are its owner's alone. */
  private static final int PRIVATE_UMASK = 0077;

  /** No clock that is right reads less. */
  private static final Instant WRITTEN = Instant.parse("2026-11-24T00:00:00Z");

  private final String name;
  private final EndpointOptions options;
  private final SessionLimits limits;
  private final Stop stop = new Stop();
  private final CountDownLatch undone = new CountDownLatch(1);

  /** Begins, in the background, what any endpoint needs and what takes long: for whoever is about to run one. */
  public static void prepare() {
    EpollLoop.prepare();
  }

  /** An endpoint for the interface {@code name}. */
  public Daemon(String name, EndpointOptions options) {
    this(name, options, SessionLimits.WHITEPAPER);
  }

  /** An endpoint with other limits than the protocol's: for tests, which see it rekey without waiting for minutes. */
  Daemon(String name, EndpointOptions options, SessionLimits limits) {
    this.name = name;
    this.options = options;
    this.limits = limits;
  }

  /** What sets up the opened, still downed interface and returns the line that tells it is ready. */
  private interface Setup {
    String run(Tunnel tunnel, ClaimedName claim, Undo undo) throws IOException, ConfigException;
  }

  /**
   * Runs an interface without configuration, as {@code ip link add NAME type wireguard} makes one, until it is stopped.
   *
   * @throws IOException a step failed; everything is put back
   */
  public void create() throws IOException, ConfigException {
    ChildEnvironment environment = new ChildEnvironment(Set::of);
    run(
        "",
        HostConfig.NONE,
        environment,
        peer -> {},
        (tunnel, claim, undo) -> tunnel.name() + " is ready: down and without configuration");
  }

  /**
   * Runs an interface as its configuration says, and after SIGHUP as it says then, until it is stopped.
   *
   * @param source whose file is what {@code down} can name the endpoint by
   * @param resolveInterval least time between two lookups of an unreachable peer's host name; zero for none at all
   * @param watched whether changes of the configuration take effect by themselves
   * @throws ConfigException the configuration is wrong, and nothing was done; or a peer's endpoint cannot be resolved, and
   *     everything is put back
   * @throws IOException a step failed; everything is put back
   */
  public void up(ConfigSource source, Duration resolveInterval, boolean watched) throws IOException, ConfigException {
    source.warnings().forEach(log::warn);
    WgConfig config = source.read();
    Fingerprint fingerprint = Fingerprint.of(config);
    Changes changes = new Changes(source.toString());
    ChildEnvironment environment = new ChildEnvironment(source::keyVariables);
    EndpointNames names =
        new EndpointNames(config, resolveInterval, EndpointResolver.systemOnce(), BootClock.INSTANCE::nanoTime);
    run(
        source.file().toAbsolutePath().normalize().toString(),
        config.device().host(),
        environment,
        names::unreachable,
        (tunnel, claim, undo) -> {
          tunnel.apply(resolve(changes, config)); // what PreUp set and the file leaves out stays, as with wg-quick
          undo.push("end lookups of host names", names::close);
          names.start(tunnel::apply);
          Undo undoHost = new Undo(); // of its own, since reloads push to it on their thread
          undo.push("put the host back", undoHost::close);
          HostNetwork network = HostNetwork.of(tunnel.name(), undoHost);
          DeviceState device = tunnel.state();
          Dns dns =
              new Dns(
                  claim.claimed(), other -> claim.holds(other) || KilledEndpoints.isUp(other), undoHost, environment);
          claim.follow(dns::rename);
          String ready = setUp(tunnel, device, network, dns, config.device().host());
          boolean isMarkedByHook = config.device().fwMark().isEmpty() && device.fwmark() != 0;
          Reload reload =
              new Reload(source, config, fingerprint, isMarkedByHook, tunnel, network, names, stop);
          undo.push("end reloads", reload::close);
          HangUp.handle(reload::now, () -> stop.request("the terminal is gone"));
          if (watched) {
            ConfigWatch watch = ConfigWatch.start(reload::folders, reload::ifChanged);
            undo.push("end the watch on the configuration", watch::close);
          }
          return ready;
        });
  }

  /** Looks up host names after PreUp, which may be what makes them known. A request to stop ends the wait. */
  private DeviceUpdate resolve(Changes changes, WgConfig config) throws IOException, ConfigException {
    FutureTask<DeviceUpdate> lookups = new FutureTask<>(() -> changes.addconf(config));
    Thread thread = new Thread(lookups, "jwg-resolve");
    thread.setDaemon(true);
    thread.start();
    stop.whenRequested(() -> lookups.cancel(true));
    try {
      return lookups.get();
    } catch (CancellationException stopped) {
      throw new IOException(name + ": told to stop before the endpoints of all peers were resolved", stopped);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof ConfigException unresolved) {
        throw unresolved;
      }
      throw new IllegalStateException(failed.getCause());
    }
  }

  private String setUp(Tunnel tunnel, DeviceState device, HostNetwork network, Dns dns, HostConfig wanted)
      throws IOException {
    network.addAddresses(
        wanted.addresses().stream().map(own -> new InterfaceAddress(own.address(), own.length())).toList());
    if (wanted.mtu().isPresent()) {
      network.mtu(wanted.mtu().getAsInt());
    } else {
      network.mtuTowards(device.endpointAddresses());
    }
    network.linkUp();
    dns.set(wanted.dnsServers(), wanted.dnsSearch());
    int port = tunnel.awaitListening();
    network.routes(device.allowedIps(), wanted.table(), tunnel.fwmark());
    int peers = device.peers().size();
    return "%s is up: listening on port %d, %d %s".formatted(tunnel.name(), port, peers, peers == 1 ? "peer" : "peers");
  }

  /** Takes the steps of {@code wg-quick up} in its order, then waits; the undo takes those of {@code down}. */
  private void run(
      String file, HostConfig host, ChildEnvironment environment, Consumer<PublicKey> onUnreachable, Setup setup)
      throws IOException, ConfigException {
    warnOfWrongClock(Instant.now());
    int usersUmask = Libc.umask(PRIVATE_UMASK);
    Detached.leaveTerminal();
    Runtime.getRuntime().addShutdownHook(new Thread(this::onSignal, "jwg-signal"));
    String lastName;
    try (Undo undo = new Undo();
        ClaimedName claim = ClaimedName.claim(InstanceLock.defaultDirectory(), name, file, undo)) {
      KilledEndpoints.tidyUp(name);
      KeyLog keys = openKeyLog(undo);
      Optional<MetricsServer> watch = listen(undo);
      ShellHooks hooks = new ShellHooks(name, file, host.hooks(), usersUmask, environment, undo);
      stop.whenRequested(hooks::abandonStart);
      hooks.registerPostDown();
      Tunnel tunnel = Tunnel.open(claim, options, limits, keys, onUnreachable, stop, undo);
      watch.ifPresent(server -> show(server, tunnel, undo));
      tunnel.serve(SocketFile.DIRECTORY, stop, undo); // hooks may call `wg`
      hooks.preUp();
      String ready = setup.run(tunnel, claim, undo);
      if (host.saveConfig()) {
        undo.push("save " + file, () -> save(Path.of(file), tunnel));
      }
      hooks.postUp();
      tunnel.started();
      log.info(ready);
      ServiceManager.tell("READY=1");
      Detached.tellReady();
      AfterStart.begin();
      String reason = stop.await();
      lastName = tunnel.name();
      log.info("{} goes down: {}", lastName, reason);
      ServiceManager.tell("STOPPING=1");
    } finally {
      undone.countDown();
    }
    if (stop.isBug()) {
      throw new IllegalStateException("stopped by a bug");
    }
    log.info("{} is down", lastName);
  }

  private KeyLog openKeyLog(Undo undo) throws IOException {
    if (options.keyLog().isEmpty()) {
      return KeyLog.NONE;
    }
    Path path = options.keyLog().get();
    KeyLogFile file = KeyLogFile.open(path);
    undo.push("close the key log", file::close);
    log.warn("{}: keys are written to {}: anyone who has this file can read the traffic", name, path);
    return file;
  }

  /** Before anything is done to the host, since the address may be taken. */
  private Optional<MetricsServer> listen(Undo undo) throws IOException {
    if (options.metrics().isEmpty()) {
      return Optional.empty();
    }
    MetricsServer server = MetricsServer.open(options.metrics().get());
    undo.push("close the metrics", server::close);
    return Optional.of(server);
  }

  private static void show(MetricsServer server, Tunnel tunnel, Undo undo) {
    server.watch(tunnel);
    undo.push("watch no more", server::unwatch);
  }

  /** Peers refuse a handshake whose timestamp is not newer than the last they saw (whitepaper section 5.1). */
  private static void warnOfWrongClock(Instant now) {
    if (now.isBefore(WRITTEN)) {
      log.warn("the clock reads {}, which is long ago: peers that have seen a later time refuse handshakes", now);
    }
  }

  /** On the way down only, not when the start failed. */
  private void save(Path file, Tunnel tunnel) throws IOException {
    if (!stop.isRequested() || stop.isBug()) {
      return;
    }
    try {
      SavedConfig.write(file, tunnel.name(), tunnel.state());
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** SIGTERM and SIGINT: the JVM ends when this returns, so wait for the way back to be walked. */
  private void onSignal() {
    if (undone.getCount() == 0) {
      return; // ended by itself, with an exit status of its own
    }
    stop.request("told to stop");
    try {
      undone.await();
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }
}
