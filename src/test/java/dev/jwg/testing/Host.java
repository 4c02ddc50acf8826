package dev.jwg.testing;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.device.Device;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.device.DeviceUpdate;
import dev.jwg.device.Drop;
import dev.jwg.device.Environment;
import dev.jwg.device.KeyLog;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.session.SessionLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A machine with one WireGuard interface: a real {@link Device} between an in-memory TUN and an in-memory port. */
public final class Host {
  private final TaskQueue control = new TaskQueue();
  private final List<TaskQueue> shards;
  private final PrivateKey privateKey;
  private final IpAddress inner;
  private final MemoryTun tun;
  private final MemoryUdp udp;
  private final Device device;
  private final List<String> failures = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<PublicKey> unreachable = new ArrayList<>();
  private KeyLog keyLog = KeyLog.NONE;

  Host(String name, IpAddress outer, IpAddress inner, int shards, World world, SecureRandom random) {
    this.privateKey = X25519.generate(random);
    this.inner = inner;
    this.shards = Stream.generate(TaskQueue::new).limit(shards).toList();
    this.tun = new MemoryTun(name, shards);
    this.udp = new MemoryUdp(world.wire(), outer, shards);
    ManualClock clock = world.clock();
    Environment environment =
        new Environment(
            clock,
            (deadlineNs, task) -> clock.schedule(deadlineNs, () -> control.execute(task)),
            control,
            this.shards,
            random,
            SessionLimits.WHITEPAPER,
            (ours, theirs, ephemeral, preshared) -> keyLog.handshake(ours, theirs, ephemeral, preshared));
    this.device = new Device(environment, tun, udp);
  }

  /** Has the secrets of this host's handshakes told from now on. */
  public void keyLog(KeyLog listener) {
    keyLog = listener;
  }

  public Device device() {
    return device;
  }

  public MemoryTun tun() {
    return tun;
  }

  public MemoryUdp udp() {
    return udp;
  }

  /** The address that this host has inside the tunnel. */
  public IpAddress inner() {
    return inner;
  }

  public PrivateKey privateKey() {
    return privateKey;
  }

  public PublicKey publicKey() {
    return X25519.publicKey(privateKey);
  }

  /** Where peers reach this host now. */
  public Endpoint endpoint() {
    return udp.endpoint();
  }

  /** What the peer's state is at this host. */
  public PeerState stateOf(PublicKey peer) {
    return device.state().peers().stream().filter(state -> state.publicKey().equals(peer)).findFirst().orElseThrow();
  }

  /** Applies a change; the test does not expect it to fail. */
  public void apply(DeviceUpdate update) {
    try {
      device.apply(update);
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** Changes one peer; see {@link PeerChange}. */
  public void change(PublicKey peer, PeerChange change) {
    apply(change.of(peer));
  }

  /** Replaces the private key. */
  public void identify(PrivateKey key) {
    apply(new DeviceUpdate(Optional.of(key), OptionalInt.empty(), OptionalInt.empty(), false, List.of()));
  }

  /** Removes a peer. */
  public void remove(PublicKey peer) {
    apply(new PeerChange().remove().of(peer));
  }

  /** Why the interface came up without a port, as its owner heard. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** Returns the names that the interface was given, as its owner heard. */
  public List<String> names() {
    return List.copyOf(names);
  }

  /** Peers that did not answer, once for each time that the host's owner heard so. */
  public List<PublicKey> unreachable() {
    return List.copyOf(unreachable);
  }

  void start() {
    device.start(
        new Device.Listener() {
          @Override
          public void onListening(int port) {}

          @Override
          public void onNotListening(IOException reason) {
            failures.add(String.valueOf(reason.getMessage()));
          }

          @Override
          public void onUnreachable(PublicKey peer) {
            unreachable.add(peer);
          }

          @Override
          public void onName(String name) {
            names.add(name);
          }

          @Override
          public void onDeleted() {
            failures.add("deleted");
          }
        });
  }

  public void up() {
    tun.link().onUp();
  }

  public void down() {
    tun.link().onDown();
  }

  public long drops(Drop reason) {
    return device.drops().of(reason);
  }

  boolean runControl() {
    return control.runOne();
  }

  /** Runs one task of each shard; false if there was none. */
  boolean runShards() {
    boolean any = false;
    for (TaskQueue shard : shards) {
      any |= shard.runOne();
    }
    return any;
  }

  /** One shard's thread, for tests that say themselves when it runs. */
  public TaskQueue shard(int number) {
    return shards.get(number);
  }
}
