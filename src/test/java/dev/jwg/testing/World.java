package dev.jwg.testing;

import dev.jwg.device.DeviceUpdate;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Alice, bob and eve on one wire and one clock. Alice and bob are peers of each other, and up; eve has no device but sends
 * what she likes from wherever she likes. Nothing happens by itself: {@link #settle} runs all that can run now,
 * {@link #advance} lets time pass. The same seed gives the same run.
 */
public final class World {
  public static final IpAddress ALICE_OUTER = IpAddress.v4(0xc0000201); // 192.0.2.1
  public static final IpAddress BOB_OUTER = IpAddress.v4(0xc0000202);
  public static final IpAddress ALICE_INNER = IpAddress.v4(0x0a000001); // 10.0.0.1
  public static final IpAddress BOB_INNER = IpAddress.v4(0x0a000002);
  public static final Endpoint EVE = new Endpoint(IpAddress.v4(0xcb007109), 666); // 203.0.113.9
  private static final int PORT = 51_820;

  private final ManualClock clock = new ManualClock(this::settle);
  private final MemoryWire wire = new MemoryWire(clock);
  private final List<Host> hosts = new ArrayList<>();
  private final SecureRandom random;
  private final int shards;
  private final Host alice;
  private final Host bob;
  private int packets;

  /** A world in which each knows the other's endpoint, and no handshake took place. */
  public World(long seed) {
    this(seed, 1);
  }

  /** As {@link #World(long)}, of devices with so many data shards. */
  public World(long seed, int shards) {
    random = seeded(seed);
    this.shards = shards;
    alice = add("alice", ALICE_OUTER, ALICE_INNER);
    bob = add("bob", BOB_OUTER, BOB_INNER);
    introduce(alice, bob);
    introduce(bob, alice);
    settle();
  }

  private static SecureRandom seeded(long seed) {
    try {
      SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
      random.setSeed(seed); // before its first output, so that nothing else goes in
      return random;
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** One more host with a device, up and without peers. */
  public Host add(String name, IpAddress outer, IpAddress inner) {
    Host host = new Host(name, outer, inner, shards, this, random);
    hosts.add(host);
    host.start();
    host.apply(
        new DeviceUpdate(
            Optional.of(host.privateKey()), OptionalInt.of(PORT), OptionalInt.empty(), false, List.of()));
    host.up();
    return host;
  }

  /** Makes {@code other} a peer of {@code host}, with endpoint and inner address. */
  public void introduce(Host host, Host other) {
    host.change(other.publicKey(), new PeerChange().endpoint(other.endpoint()).allow(other.inner()));
  }

  public ManualClock clock() {
    return clock;
  }

  public MemoryWire wire() {
    return wire;
  }

  public Host alice() {
    return alice;
  }

  public Host bob() {
    return bob;
  }

  public SecureRandom random() {
    return random;
  }

  /** Runs all threads of all hosts and the wire until nothing is left to do at this time. */
  public void settle() {
    boolean more = true;
    while (more) {
      more = false;
      for (Host host : hosts) {
        more |= host.runShards();
        more |= host.runControl();
      }
      more |= wire.carry();
    }
  }

  /** Settles, lets time pass, and settles. */
  public void advance(Duration time) {
    settle();
    clock.advance(time);
    settle();
  }

  public void advanceSeconds(int seconds) {
    advance(Duration.ofSeconds(seconds));
  }

  /** Carries what is under way while all control threads are busy elsewhere. */
  public void carryWithoutControl() {
    boolean more = true;
    while (more) {
      more = wire.carry();
      for (Host host : hosts) {
        more |= host.runShards();
      }
    }
  }

  /** Another program takes a port at an address. */
  public int occupy(IpAddress address) {
    return wire.attach(new MemoryUdp(wire, address, 1), address, 0);
  }

  /** A packet unlike any before, from one host to another. */
  public byte[] packet(Host from, Host to, int length) {
    return Packets.udp(from.inner(), to.inner(), length, packets++);
  }

  /** Sends one packet of 100 bytes through the tunnel, and settles. */
  public byte[] exchange(Host from, Host to) {
    byte[] packet = packet(from, to, 100);
    from.tun().send(packet);
    settle();
    return packet;
  }

  /** Makes a session that alice initiated, confirmed by both, and forgets how. */
  public void handshake() {
    exchange(alice, bob);
    if (bob.tun().takeReceived().size() != 1) {
      throw new AssertionError("the first packet of alice did not reach bob");
    }
    wire.forget();
  }

  /** Eve sends bytes under an address of her choice. */
  public void eveSends(Endpoint as, Host to, byte[] bytes) {
    wire.send(as, to.endpoint(), bytes.clone(), 0);
    settle();
  }

  /**
   * What crossed the wire since the last {@link MemoryWire#forget}, one line each: full seconds since {@code origin}, sender,
   * kind.
   */
  public List<String> story(Duration origin) {
    List<String> lines = new ArrayList<>();
    for (Datagram datagram : wire.sent()) {
      lines.add(datagram.sentAt().minus(origin).toSeconds() + " " + nameOf(datagram.from()) + " " + datagram.kind());
    }
    return lines;
  }

  private String nameOf(Endpoint from) {
    for (Host host : hosts) {
      if (host.endpoint().equals(from)) {
        return host.tun().name();
      }
    }
    return "eve";
  }
}
