package dev.jwg.bench;

import dev.jwg.crypto.Candidates;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.testing.Datagram;
import dev.jwg.testing.MemoryTun;
import dev.jwg.testing.MemoryUdp;
import dev.jwg.testing.Packets;
import dev.jwg.testing.World;

/**
 * Two devices with a session between ports in memory, all on the caller's thread: what alice seals, bob opens. Time stands
 * still, so that the session does not age.
 */
final class Walk {
  /** Packets in one round of a benchmark, whatever their shape. */
  static final int PACKETS = 44;

  /** More than any inner header: what is written anew for each packet, since sealing leaves none of it. */
  private static final int HEADERS = 40;

  private final World world = new World(1);
  private final Shape shape;
  private final byte[] packet;
  private final Endpoint alice;

  /** Chooses each side's cipher. */
  Walk(Shape shape, String sealing, String opening) {
    this.shape = shape;
    packet = Packets.udp(World.ALICE_INNER, World.BOB_INNER, shape.length, 1);
    alice =
        new Endpoint(
            World.ALICE_OUTER, world.alice().endpoint().port(), 0, new Endpoint.Source(World.BOB_OUTER, 0));
    Candidates.choose(opening);
    world.wire().copies(
        datagram -> {
          if (datagram.kind() == Datagram.Kind.RESPONSE) {
            Candidates.choose(sealing); // bob has his end of the session, and alice does not have hers yet
          }
          return 1;
        });
    world.handshake();
    world.alice().udp().discard();
    world.bob().tun().discard();
  }

  /** How many reads a round takes. */
  int rounds() {
    return PACKETS / shape.atOnce;
  }

  Batch newBatch() {
    return new Batch(Batch.capacityFor(shape.atOnce, shape.atOnce * shape.length), shape.atOnce);
  }

  /** One read of alice's TUN device. */
  void send(Batch batch) {
    batch.clear();
    for (int slot = 0; slot < shape.atOnce; slot++) {
      int offset = batch.append(shape.length);
      System.arraycopy(packet, 0, batch.bytes(), offset, HEADERS);
    }
    world.alice().tun().packetListener().onPackets(batch);
  }

  /** Makes of a batch what the next read of bob's port brings. */
  void sealNext(Batch batch) {
    send(batch);
    for (int slot = 0; slot < shape.atOnce; slot++) {
      batch.remote(slot, alice);
    }
  }

  /** One read of bob's port. */
  void receive(Batch batch) {
    world.bob().udp().datagramListener().onDatagrams(batch);
  }

  /** What alice's port took. */
  MemoryUdp sent() {
    return world.alice().udp();
  }

  /** What bob's device took. */
  MemoryTun received() {
    return world.bob().tun();
  }
}
