package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.jwg.crypto.TransportCipher;
import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.testing.Packets;
import dev.jwg.testing.World;
import dev.jwg.tun.Tun;
import dev.jwg.udp.Udp;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** In steady state both walks allocate what the cipher does, and nothing for each packet besides. */
class AllocationTest {
  private static final int BATCH = 32;
  private static final int PACKET_LENGTH = 1_392;
  private static final int WARM_UP_BATCHES = 300;
  private static final int BATCHES = 200;

  /** Less than the smallest object, so that one more of them per packet fails the test. */
  private static final int SLACK_PER_PACKET = 8;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final World world = new World(9);
  private final Batch packets = new Batch(BATCH * 2_048, BATCH);
  private final Batch datagrams = new Batch(BATCH * 2_048, BATCH);
  private final Endpoint aliceEndpoint =
      new Endpoint(
          World.ALICE_OUTER, world.alice().endpoint().port(), 0, new Endpoint.Source(World.BOB_OUTER, 1));

  @Test
  void bothWalksAllocateNothingPerPacketBesideTheCipher() {
    Tun.PacketListener send = world.alice().tun().packetListener();
    Udp.DatagramListener receive = world.bob().udp().datagramListener();
    world.handshake();
    world.alice().udp().sendInto(datagrams);
    world.bob().tun().discard();

    long sending = 0;
    long receiving = 0;
    byte[] packet = Packets.udp(World.ALICE_INNER, World.BOB_INNER, PACKET_LENGTH, 1);
    for (int i = 0; i < WARM_UP_BATCHES + BATCHES; i++) {
      packets.clear();
      for (int slot = 0; slot < BATCH; slot++) {
        packets.append(packet, 0, packet.length);
      }
      datagrams.clear();
      long before = allocated();
      send.onPackets(packets);
      long between = allocated();
      assertTrue(datagrams.count() == BATCH, "all packets were sealed");
      for (int slot = 0; slot < BATCH; slot++) {
        datagrams.remote(slot, aliceEndpoint);
      }
      long resumed = allocated();
      receive.onDatagrams(datagrams);
      long after = allocated();
      if (i >= WARM_UP_BATCHES) {
        sending += between - before;
        receiving += after - resumed;
      }
    }
    assertTrue(world.bob().tun().discarded() == (long) BATCH * (WARM_UP_BATCHES + BATCHES), "all were delivered");

    long seal = cipherAlone(true);
    long open = cipherAlone(false);
    assertWithin("send", sending, seal);
    assertWithin("receive", receiving, open);
  }

  private static void assertWithin(String walk, long allocated, long cipher) {
    long perPacket = (allocated - cipher) / ((long) BATCH * BATCHES);
    assertTrue(
        perPacket < SLACK_PER_PACKET,
        walk + " allocates " + perPacket + " bytes per packet beside the cipher's " + cipher / (BATCH * BATCHES));
  }

  private long allocated() {
    return threads.getCurrentThreadAllocatedBytes();
  }

  /** What the cipher allocates for as many packets. */
  private long cipherAlone(boolean sealing) {
    TransportCipher sealer = TransportCipher.of(new byte[32]);
    TransportCipher opener = TransportCipher.of(new byte[32]);
    byte[] bytes = new byte[PACKET_LENGTH + TransportCipher.TAG_LENGTH];
    long total = 0;
    for (long counter = 0; counter < (long) BATCH * (WARM_UP_BATCHES + BATCHES); counter++) {
      long before = allocated();
      sealer.seal(bytes, 0, PACKET_LENGTH, counter);
      long between = allocated();
      assertTrue(opener.open(bytes, 0, bytes.length, counter));
      long after = allocated();
      if (counter >= (long) BATCH * WARM_UP_BATCHES) {
        total += sealing ? between - before : after - between;
      }
    }
    return total;
  }
}
