package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jwg.config.ConfigException;
import dev.jwg.config.EndpointResolver;
import dev.jwg.config.WgConfig;
import dev.jwg.config.WgConfigParser;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.PeerUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EndpointNamesTest {
  private static final PublicKey NAMED = key(1);
  private static final PublicKey NUMBERED = key(2);
  private static final String CONFIG =
      """
      [Peer]
      PublicKey = %s
      Endpoint = peer.test:51820
      [Peer]
      PublicKey = %s
      Endpoint = [fe80::1%%1]:51820
      """
          .formatted(NAMED, NUMBERED);

  private final AtomicLong nowNs = new AtomicLong();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<DeviceUpdate> applied = new LinkedBlockingQueue<>();
  private volatile String address = "192.0.2.7";
  private @Nullable EndpointNames names;

  private static PublicKey key(int first) {
    byte[] bytes = new byte[PublicKey.LENGTH];
    bytes[0] = (byte) first;
    return PublicKey.of(bytes);
  }

  private EndpointNames names(Duration interval) throws ConfigException {
    WgConfig config = WgConfigParser.parse("wg0.conf", CONFIG, WgConfigParser.Dialect.WG_QUICK);
    EndpointResolver resolver = new EndpointResolver("0", this::lookUp, delay -> {});
    EndpointNames made = new EndpointNames(config, interval, resolver, nowNs::get);
    made.start(applied::add);
    names = made;
    return made;
  }

  private InetAddress[] lookUp(String host) throws UnknownHostException {
    asked.add(host);
    if (address.isEmpty()) {
      throw new UnknownHostException(host + ": Name or service not known");
    }
    return new InetAddress[] {IpAddress.parse(address).toInetAddress()};
  }

  @Test
  void aReloadedConfigurationNamesOthers() throws Exception {
    EndpointNames names = names(Duration.ofSeconds(30));
    String reloaded = CONFIG.replace("peer.test", "192.0.2.8").replace("[fe80::1%1]", "other.test");
    names.replace(WgConfigParser.parse("wg0.conf", reloaded, WgConfigParser.Dialect.WG_QUICK));
    names.unreachable(NAMED);
    names.unreachable(NUMBERED);
    assertEquals("other.test", asked.poll(60, TimeUnit.SECONDS));
  }

  @AfterEach
  void close() {
    if (names != null) {
      names.close();
    }
  }

  private PeerUpdate nextUpdate() throws InterruptedException {
    DeviceUpdate update = applied.poll(60, TimeUnit.SECONDS);
    assertNotNull(update, "no address was taken");
    return update.peers().get(0);
  }

  @Test
  void anUnreachablePeerGetsTheAddressThatItsNameHasNow() throws Exception {
    names(Duration.ofSeconds(30)).unreachable(NAMED);
    PeerUpdate update = nextUpdate();
    assertEquals(NAMED, update.publicKey());
    assertEquals(new Endpoint(IpAddress.parse("192.0.2.7"), 51820), update.endpoint().orElseThrow());
    assertEquals(true, update.updateOnly(), "a peer that was removed stays so");
  }

  @Test
  void aNameIsLookedUpNoMoreOftenThanTheIntervalSays() throws Exception {
    EndpointNames looking = names(Duration.ofSeconds(30));
    looking.unreachable(NAMED);
    nextUpdate();
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(60) - 1);
    looking.unreachable(NAMED);
    address = "2001:db8::7";
    nowNs.addAndGet(1);
    looking.unreachable(NAMED);
    assertEquals(IpAddress.parse("2001:db8::7"), nextUpdate().endpoint().orElseThrow().address());
    assertEquals(2, asked.size());
  }

  @Test
  void aFailedLookupIsTriedAgainLater() throws Exception {
    EndpointNames looking = names(Duration.ofSeconds(30));
    address = "";
    looking.unreachable(NAMED);
    assertEquals("peer.test", asked.poll(60, TimeUnit.SECONDS));
    address = "192.0.2.8";
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(60));
    looking.unreachable(NAMED);
    assertEquals(IpAddress.parse("192.0.2.8"), nextUpdate().endpoint().orElseThrow().address());
  }

  @Test
  void addressesAndStrangersAreNotLookedUp() throws Exception {
    EndpointNames looking = names(Duration.ofSeconds(30));
    looking.unreachable(NUMBERED);
    looking.unreachable(key(3));
    looking.unreachable(NAMED); // behind them in the same queue
    nextUpdate();
    assertEquals("peer.test", asked.poll());
    assertNull(asked.poll());
  }

  /** The control thread may tell of a peer at any moment, also when the lookups have ended on the way down. */
  @Test
  void aPeerThatIsUnreachableAfterTheEndIsNotLookedUp() throws Exception {
    EndpointNames ended = names(Duration.ofSeconds(30));
    ended.close();
    ended.unreachable(NAMED);
    assertNull(asked.poll());
  }

  @Test
  void anIntervalOfZeroSwitchesLookupsOff() throws Exception {
    EndpointNames off = names(Duration.ZERO);
    off.unreachable(NAMED);
    off.close();
    assertNull(asked.poll());
  }
}
