package dev.jwg.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LittleEndianTest {
  @Test
  void lowestByteComesFirstAtAnyOffset() {
    byte[] bytes = new byte[15];
    LittleEndian.putInt(bytes, 1, 0x84838281);
    LittleEndian.putLong(bytes, 6, 0x9897969594939291L);
    assertArrayEquals(
        new byte[] {
          0, (byte) 0x81, (byte) 0x82, (byte) 0x83, (byte) 0x84, 0, (byte) 0x91, (byte) 0x92, (byte) 0x93, (byte) 0x94,
          (byte) 0x95, (byte) 0x96, (byte) 0x97, (byte) 0x98, 0
        },
        bytes);
    assertEquals(0x84838281, LittleEndian.getInt(bytes, 1));
    assertEquals(0x9897969594939291L, LittleEndian.getLong(bytes, 6));
  }
}
