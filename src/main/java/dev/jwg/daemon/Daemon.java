package dev.jwg.daemon;

import dev.jwg.config.ConfigException;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.HostConfig;
import dev.jwg.config.WgConfig;
import dev.jwg.crypto.CipherSelfTest;
import dev.jwg.crypto.PublicKey;
import dev.jwg.host.Dns;
import dev.jwg.host.HostNetwork;
import dev.jwg.host.ShellHooks;
import dev.jwg.host.Undo;
import dev.jwg.linux.Libc;
import dev.jwg.linux.ServiceNotification;
import dev.jwg.session.SessionLimits;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
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
  private final SessionLimits limits;
  private final Stop stop = new Stop();
  private final CountDownLatch undone = new CountDownLatch(1);

  /** An endpoint for the interface {@code name}. */
  public Daemon(String name) {
    this(name, SessionLimits.WHITEPAPER);
  }

  /** An endpoint with other limits than the protocol's: for tests, which see it rekey without waiting for minutes. */
  Daemon(String name, SessionLimits limits) {
    this.name = name;
    this.limits = limits;
  }

  /** What sets up the opened, still downed interface and returns the line that tells it is ready. */
  private interface Setup {
    String run(Tunnel tunnel, Undo undo) throws IOException;
  }

  /**
   * Runs an interface without configuration, as {@code ip link add NAME type wireguard} makes one, until it is stopped.
   *
   * @throws IOException a step failed; everything is put back
   */
  public void create() throws IOException {
    run("", HostConfig.NONE, peer -> {}, (tunnel, undo) -> name + " is ready: down and without configuration");
  }

  /**
   * Runs an interface as its file says, until it is stopped.
   *
   * @param file the file, by which {@code down} can name the endpoint
   * @param resolveInterval least time between two lookups of an unreachable peer's host name; zero for none at all
   * @throws ConfigException a peer's endpoint cannot be resolved; nothing was done
   * @throws IOException a step failed; everything is put back
   */
  public void up(Path file, WgConfig config, Duration resolveInterval) throws IOException, ConfigException {
    ResolvedConfig resolved = ResolvedConfig.of(file, config);
    EndpointNames names = new EndpointNames(config, resolveInterval, EndpointResolver.systemOnce(), System::nanoTime);
    run(
        file.toAbsolutePath().normalize().toString(),
        config.device().host(),
        names::unreachable,
        (tunnel, undo) -> {
          undo.push("end lookups of host names", names::close);
          names.start(tunnel::apply);
          return setUp(tunnel, undo, resolved);
        });
  }

  private String setUp(Tunnel tunnel, Undo undo, ResolvedConfig config) throws IOException {
    tunnel.apply(config.update());
    HostConfig wanted = config.host();
    HostNetwork network = HostNetwork.of(name, undo);
    network.addAddresses(config.addresses());
    network.mtu(wanted.mtu().isPresent() ? wanted.mtu().getAsInt() : network.mtuTowards(config.endpointAddresses()));
    network.linkUp();
    new Dns(name, undo).set(wanted.dnsServers(), wanted.dnsSearch());
    int port = tunnel.awaitListening();
    network.routes(config.allowedIps(), wanted.table(), tunnel.fwmark());
    int peers = config.update().peers().size();
    return "%s is up: listening on port %d, %d %s".formatted(name, port, peers, peers == 1 ? "peer" : "peers");
  }

  private void run(String file, HostConfig host, Consumer<PublicKey> onUnreachable, Setup setup) throws IOException {
    warnOfWrongClock(Instant.now());
    int usersUmask = Libc.umask(PRIVATE_UMASK);
    Detached.leaveTerminal();
    Runtime.getRuntime().addShutdownHook(new Thread(this::onSignal, "jwg-signal"));
    try (Undo undo = new Undo()) {
      InstanceLock lock = InstanceLock.acquire(InstanceLock.defaultDirectory(), name, file);
      undo.push("release the name " + name, lock::close);
      ShellHooks hooks = new ShellHooks(name, host.hooks(), usersUmask, undo);
      stop.whenRequested(hooks::abandonStart);
      hooks.preUp();
      Tunnel tunnel = Tunnel.open(name, limits, onUnreachable, stop, undo);
      String ready = setup.run(tunnel, undo);
      tunnel.serve(SocketFile.DIRECTORY, stop, undo);
      if (host.saveConfig()) {
        undo.push("save " + file, () -> save(Path.of(file), tunnel));
      }
      hooks.postUp(); // they may call `wg`
      log.info(ready);
      notifyServiceManager("READY=1");
      Detached.tellReady();
      measureCiphers();
      log.info("{} goes down: {}", name, stop.await());
      notifyServiceManager("STOPPING=1");
    } finally {
      undone.countDown();
    }
    if (stop.isBug()) {
      throw new IllegalStateException("stopped by a bug");
    }
    log.info("{} is down", name);
  }

  /** Not before the interface is ready: whoever waits for that comes first. */
  private static void measureCiphers() {
    Thread selfTest = new Thread(() -> log.info(CipherSelfTest.run()), "jwg-cipher-self-test");
    selfTest.setDaemon(true);
    selfTest.start();
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
      SavedConfig.write(file, tunnel.state());
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

  private static void notifyServiceManager(String state) {
    String socket = System.getenv("NOTIFY_SOCKET");
    if (socket == null) {
      return;
    }
    try {
      ServiceNotification.send(socket, state);
    } catch (IOException e) {
      log.warn("cannot tell the service manager {}: {}", state, e.getMessage());
    }
  }
}
