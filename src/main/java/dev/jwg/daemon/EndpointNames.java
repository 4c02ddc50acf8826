package dev.jwg.daemon;

import dev.jwg.config.ConfigException;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.PeerConfig;
import dev.jwg.config.PeerEndpoint;
import dev.jwg.config.WgConfig;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Host names of peers, looked up again while a peer does not answer: its address may have changed, its name has not. A
 * peer that answers is left alone, and so are all sessions. Lookups have a thread of their own, since they may take long.
 */
final class EndpointNames implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EndpointNames.class);

  /** What takes an address that was found. */
  interface Target {
    void apply(DeviceUpdate update) throws IOException;
  }

  private volatile Map<PublicKey, PeerEndpoint> names = Map.of();
  private final long intervalNs;
  private final EndpointResolver resolver;
  private final LongSupplier nanoTime;

  /** One thread, there while there is something to look up; what is asked of it after its end is forgotten. */
  private final ExecutorService thread =
      new ThreadPoolExecutor(
          0,
          1,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          EndpointNames::newThread,
          new ThreadPoolExecutor.DiscardPolicy());

  // Control thread.
  private final Map<PublicKey, Long> lookedUpNs = new HashMap<>();

  // The lookups' thread.
  private final Map<PublicKey, Endpoint> found = new HashMap<>();

  private volatile Target target = update -> {};

  /**
   * The host names among a configuration's endpoints, which were just resolved.
   *
   * @param interval least time between two lookups of one name; zero for none at all
   * @param resolver asks once, without retries of its own
   */
  EndpointNames(WgConfig config, Duration interval, EndpointResolver resolver, LongSupplier nanoTime) {
    this.intervalNs = interval.toNanos();
    this.resolver = resolver;
    this.nanoTime = nanoTime;
    replace(config);
  }

  /** From now on, the host names among another configuration's endpoints, which were just resolved too. */
  void replace(WgConfig config) {
    Map<PublicKey, PeerEndpoint> found = new HashMap<>();
    for (PeerConfig peer : config.peers()) {
      peer.endpoint()
          .filter(endpoint -> intervalNs > 0 && isName(endpoint.host()))
          .ifPresent(endpoint -> found.put(peer.publicKey(), endpoint));
    }
    names = Map.copyOf(found);
  }

  private static boolean isName(String host) {
    try {
      IpAddress.parse(host);
      return false;
    } catch (IllegalArgumentException noAddress) {
      return host.indexOf(':') < 0; // else an address with a zone
    }
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "jwg-names");
    thread.setDaemon(true);
    return thread;
  }

  /** Names who takes the addresses that are found. */
  void start(Target taker) {
    target = taker;
  }

  /** A peer does not answer; on the control thread. */
  void unreachable(PublicKey peer) {
    PeerEndpoint name = names.get(peer);
    long nowNs = nanoTime.getAsLong();
    Long lastNs = lookedUpNs.get(peer);
    if (name != null && (lastNs == null || nowNs - lastNs >= intervalNs)) {
      lookedUpNs.put(peer, nowNs);
      thread.execute(() -> lookUp(peer, name));
    }
  }

  private void lookUp(PublicKey peer, PeerEndpoint name) {
    try {
      Endpoint now = resolver.resolve(name);
      target.apply(DeviceUpdate.ofEndpoint(peer, now));
      if (!now.equals(found.put(peer, now))) {
        log.info("peer {}: {} is at {} now", peer.abbreviated(), name, now);
      }
    } catch (UnknownHostException e) {
      log.warn("cannot resolve {} of an unreachable peer: {}", name, e.getMessage());
    } catch (IOException goingDown) {
      log.debug("address of {} not taken: {}", name, goingDown.getMessage());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the lookups. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
