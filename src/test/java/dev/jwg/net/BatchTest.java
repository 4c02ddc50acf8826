package dev.jwg.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final int ROOM = Batch.HEADROOM + Batch.TAILROOM;
  private final Batch batch = new Batch(3 * (ROOM + 10), 3);

  @Test
  void slotsKeepTheirRoomClearOfEachOther() {
    int first = batch.append(10);
    int second = batch.append(10);
    assertTrue(first >= Batch.HEADROOM);
    assertEquals(first + 10 + Batch.TAILROOM + Batch.HEADROOM, second);
    assertEquals(2, batch.count());
  }

  @Test
  void copiesAPacketIn() {
    int offset = batch.append(new byte[] {1, 2, 3, 4}, 1, 2);
    assertArrayEquals(new byte[] {2, 3}, Arrays.copyOfRange(batch.bytes(), offset, offset + 2));
    assertEquals(2, batch.length(0));
  }

  @Test
  void theLastByteAndTheLastSlotCount() {
    assertTrue(batch.hasRoom(3 * (ROOM + 10) - ROOM));
    assertFalse(batch.hasRoom(3 * (ROOM + 10) - ROOM + 1));
    batch.append(10);
    batch.append(1);
    batch.append(1);
    assertFalse(batch.hasRoom(0));
    assertThrows(IllegalStateException.class, () -> batch.append(0));
  }

  @Test
  void aSlotUsedAgainRemembersNothing() {
    batch.append(1);
    batch.tos(0, 0xff);
    batch.remote(0, new Endpoint(IpAddress.parse("192.0.2.1"), 9));
    assertEquals(0xff, batch.tos(0));
    batch.clear();
    assertTrue(batch.isEmpty());
    batch.append(1);
    assertEquals(0, batch.tos(0));
    assertEquals(IpAddress.ANY_V4, batch.remote(0).address());
  }

  @Test
  void boundsMoveWithinTheRoom() {
    int offset = batch.append(10);
    batch.bounds(0, offset - Batch.HEADROOM, 10 + ROOM);
    assertEquals(offset - Batch.HEADROOM, batch.offset(0));
    assertEquals(10 + ROOM, batch.length(0));
  }
}
