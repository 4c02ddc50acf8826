package dev.jwg.device;

import dev.jwg.net.Batch;
import dev.jwg.protocol.Limits;
import java.util.ArrayDeque;

/**
 * Packets that wait for a session, at most {@link #MAX}; the oldest gives way (whitepaper section 6.1). Every data shard
 * may add and take: that is rare enough for a lock.
 */
final class StagedPackets {
  static final int MAX = (int) Limits.STAGED_PACKETS;

  private final ArrayDeque<byte[]> packets = new ArrayDeque<>(0);
  private volatile int count;

  /**
   * Copies a packet to the end.
   *
   * @return false if the oldest had to go for it
   */
  synchronized boolean add(Batch batch, int slot) {
    byte[] copy = new byte[batch.length(slot)];
    System.arraycopy(batch.bytes(), batch.offset(slot), copy, 0, copy.length);
    boolean room = packets.size() < MAX;
    if (!room) {
      packets.removeFirst();
    }
    packets.addLast(copy);
    count = packets.size();
    return room;
  }

  /** Moves as many packets as fit to the end of {@code batch}, the oldest first. */
  synchronized void moveTo(Batch batch) {
    while (!packets.isEmpty() && batch.hasRoom(packets.getFirst().length)) {
      byte[] packet = packets.removeFirst();
      batch.append(packet, 0, packet.length);
    }
    count = packets.size();
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  /**
   * Drops all.
   *
   * @return how many there were
   */
  synchronized int clear() {
    int dropped = packets.size();
    packets.clear();
    count = 0;
    return dropped;
  }
}
