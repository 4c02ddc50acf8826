package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * In steady state both walks allocate what the cipher does, and nothing for each packet besides. The least of many batches
 * counts: the others were interrupted by the compiler.
 */
class AllocationTest {
  private static final int BATCH = 32;
  private static final int PACKET_LENGTH = 1_392;
  private static final int BATCHES = 1_000;

  /**
   * On JDK 17 less than the smallest object, so that one more of them per packet fails the test. The JDK's own cipher, in
   * use since 21, makes nonce objects of 112 bytes that HotSpot does away with in some callers and not in others.
   */
  private static final int SLACK_PER_PACKET = Runtime.version().feature() >= 21 ? 112 + 12 : 12;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final World world = new World(9);
  private final Batch packets = new Batch(BATCH * 2_048, BATCH);
  private final Batch datagrams = new Batch(BATCH * 2_048, BATCH);
  private final Endpoint aliceEndpoint =
      new Endpoint(
          World.ALICE_OUTER, world.alice().endpoint().port(), 0, new Endpoint.Source(World.BOB_OUTER, 0));

  @Test
  void bothWalksAllocateNothingPerPacketBesideTheCipher() {
    Tun.PacketListener send = world.alice().tun().packetListener();
    Udp.DatagramListener receive = world.bob().udp().datagramListener();
    world.handshake();
    world.alice().udp().sendInto(datagrams);
    world.bob().tun().discard();

    long sending = Long.MAX_VALUE;
    long receiving = Long.MAX_VALUE;
    byte[] packet = Packets.udp(World.ALICE_INNER, World.BOB_INNER, PACKET_LENGTH, 1);
    for (int i = 0; i < BATCHES; i++) {
      packets.clear();
      for (int slot = 0; slot < BATCH; slot++) {
        packets.append(packet, 0, packet.length);
      }
      datagrams.clear();
      long before = allocated();
      send.onPackets(packets);
      sending = Math.min(sending, allocated() - before);
      assertEquals(BATCH, datagrams.count(), "all packets were sealed");
      for (int slot = 0; slot < BATCH; slot++) {
        datagrams.remote(slot, aliceEndpoint);
      }
      before = allocated();
      receive.onDatagrams(datagrams);
      receiving = Math.min(receiving, allocated() - before);
    }
    assertEquals((long) BATCH * BATCHES, world.bob().tun().discarded(), "all were delivered");
    assertWithin("send", sending, cipherAlone(true));
    assertWithin("receive", receiving, cipherAlone(false));
  }

  private static void assertWithin(String walk, long allocated, long cipher) {
    long beside = allocated - cipher;
    assertTrue(
        beside < (long) SLACK_PER_PACKET * BATCH,
        walk + " allocates " + beside + " bytes for " + BATCH + " packets beside the cipher's " + cipher);
  }

  private long allocated() {
    return threads.getCurrentThreadAllocatedBytes();
  }

  /** What the cipher allocates for one batch. */
  private long cipherAlone(boolean sealing) {
    TransportCipher sealer = TransportCipher.of(new byte[32]);
    TransportCipher opener = TransportCipher.of(new byte[32]);
    int sealedLength = PACKET_LENGTH + TransportCipher.TAG_LENGTH;
    byte[] bytes = new byte[BATCH * sealedLength];
    int[] offsets = new int[BATCH];
    Arrays.setAll(offsets, i -> i * sealedLength);
    int[] plain = new int[BATCH];
    Arrays.fill(plain, PACKET_LENGTH);
    int[] sealed = new int[BATCH];
    Arrays.fill(sealed, sealedLength);
    long[] counters = new long[BATCH];
    boolean[] genuine = new boolean[BATCH];
    long least = Long.MAX_VALUE;
    for (int i = 0; i < BATCHES; i++) {
      long first = (long) i * BATCH;
      Arrays.setAll(counters, slot -> first + slot);
      long before = allocated();
      sealer.seal(bytes, offsets, plain, 0, BATCH, first);
      long between = allocated();
      opener.open(bytes, offsets, sealed, counters, 0, BATCH, genuine);
      long after = allocated();
      assertTrue(genuine[0]);
      least = Math.min(least, sealing ? between - before : after - between);
    }
    return least;
  }
}
