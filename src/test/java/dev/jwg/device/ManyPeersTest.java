package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.jwg.crypto.PublicKey;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.testing.PeerChange;
import dev.jwg.testing.World;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Peers that have nothing to send cost little. */
class ManyPeersTest {
  private static final int PEERS = 10_000;

  /** What a peer may keep. */
  private static final int KEPT = 2_048;

  /** What is allocated to get there and dropped: mostly the paths of the allowed IPs, copied for each change. */
  private static final int DROPPED = 1_024;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final World world = new World(17);

  /** Counts what is allocated, since what of it is kept depends on when the collector looks. */
  @Test
  void anIdlePeerTakesLessThanTwoKibibytes() {
    world.settle();
    long before = threads.getCurrentThreadAllocatedBytes();
    world.alice().apply(update());
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / PEERS;
    assertEquals(PEERS + 1, world.alice().device().state().peers().size());
    assertTrue(each < KEPT + DROPPED, each + " bytes");
  }

  @Test
  void idlePeersSetNoTimers() {
    int scheduled = world.clock().scheduled();
    world.alice().apply(update());
    world.settle();
    assertEquals(scheduled, world.clock().scheduled());
  }

  private static DeviceUpdate update() {
    List<PeerUpdate> peers = new ArrayList<>(PEERS);
    for (int i = 0; i < PEERS; i++) {
      PublicKey key = PublicKey.of(ByteBuffer.allocate(PublicKey.LENGTH).putInt(9 + i).array());
      Endpoint endpoint = new Endpoint(IpAddress.v4(0xc6336400 + i), 51_820);
      peers.add(new PeerChange().endpoint(endpoint).allow(IpAddress.v4(0x0a010000 + i)).to(key));
    }
    return new DeviceUpdate(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), false, peers);
  }
}
