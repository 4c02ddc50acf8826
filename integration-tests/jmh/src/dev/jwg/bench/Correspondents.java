package dev.jwg.bench;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.X25519;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.PeerCookie;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.protocol.MessageType;
import dev.jwg.udp.OuterPath;
import dev.jwg.udp.Udp;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A port behind which any number of peers live, told by their outer addresses. They answer initiations, on a thread of
 * their own, or nothing at all, and they remember nothing.
 */
final class Correspondents implements Udp, Udp.Sockets {
  private static final int PORT = 51_820;

  private final PublicKey device;
  private final Executor shard;
  private final SecureRandom random = new SecureRandom();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread correspondents = new Thread(task, "correspondents");
            correspondents.setDaemon(true);
            return correspondents;
          });
  private final AtomicLong initiations = new AtomicLong();
  private final AtomicLong data = new AtomicLong();
  private final AtomicInteger met = new AtomicInteger();
  private final BitSet known = new BitSet(); // the shard's thread
  private final boolean isAnswering;
  private DatagramListener listener;

  Correspondents(PublicKey device, Executor shard, boolean isAnswering) {
    this.device = device;
    this.shard = shard;
    this.isAnswering = isAnswering;
  }

  static PrivateKey privateKey(int peer) {
    // The clamped bits take no part, so the number stays clear of them.
    return PrivateKey.of(ByteBuffer.allocate(PrivateKey.LENGTH).putInt(8, peer).array());
  }

  static Endpoint endpoint(int peer) {
    return new Endpoint(IpAddress.v4(0x0b000000 + peer), PORT);
  }

  private static int peer(Endpoint endpoint) {
    return (int) endpoint.address().low() - 0x0b000000;
  }

  /** How many initiations came, and how many messages of data or keepalives. */
  long initiations() {
    return initiations.get();
  }

  long data() {
    return data.get();
  }

  /** How many of them the device has a session with. */
  int met() {
    return met.get();
  }

  @Override
  public List<Correspondents> sockets() {
    return List.of(this);
  }

  @Override
  public void listen(DatagramListener heard) {
    listener = heard;
  }

  @Override
  public int bind(int port) {
    return PORT;
  }

  @Override
  public void unbind() {}

  @Override
  public void mark(int fwmark) {}

  @Override
  public Optional<OuterPath> path(Endpoint endpoint) {
    return Optional.empty();
  }

  @Override
  public Optional<OuterPath> pathAround(int avoided, int preferred, Endpoint endpoint) {
    return Optional.empty();
  }

  @Override
  public boolean send(Batch datagrams, int from, int to, Endpoint endpoint) {
    data.addAndGet(to - from);
    if (!known.get(peer(endpoint))) {
      known.set(peer(endpoint));
      met.incrementAndGet();
    }
    return true;
  }

  @Override
  public boolean sendMessage(byte[] message, int tos, Endpoint endpoint) {
    if (MessageType.classify(message, 0, message.length) == MessageType.INITIATION) {
      initiations.incrementAndGet();
      if (isAnswering) {
        byte[] initiation = message.clone();
        thread.execute(() -> answer(initiation, endpoint));
      }
    }
    return true;
  }

  private void answer(byte[] initiation, Endpoint endpoint) {
    LocalStatic own = LocalStatic.of(privateKey(peer(endpoint)));
    try (ResponderHandshake handshake =
        Objects.requireNonNull(ResponderHandshake.consumeInitiation(initiation, own))) {
      Objects.requireNonNull(handshake.authenticate(RemoteStatic.of(own, device)));
      byte[] response =
          Objects.requireNonNull(
              handshake.createResponse(X25519.generate(random), peer(endpoint), PresharedKey.none()));
      new PeerCookie(device).stamp(response, 0);
      Batch batch = new Batch(Batch.capacityFor(1, response.length), 1);
      batch.append(response, 0, response.length);
      batch.remote(0, endpoint);
      shard.execute(() -> listener.onDatagrams(batch));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
