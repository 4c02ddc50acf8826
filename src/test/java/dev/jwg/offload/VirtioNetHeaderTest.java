package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class VirtioNetHeaderTest {
  private final byte[] bytes = Draft.filled(3 + 10 + 3, 1);

  @Test
  void readsTheFieldsInTheMachinesOrder() {
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder())
        .put(3, (byte) 3)
        .put(4, (byte) 0x81)
        .putShort(7, (short) 65_000)
        .putShort(9, (short) 40)
        .putShort(11, (short) 16);
    assertTrue(VirtioNetHeader.needsChecksum(bytes, 3));
    assertEquals(VirtioNetHeader.GSO_TCPV4, VirtioNetHeader.gsoType(bytes, 3), "without ECN");
    assertEquals(65_000, VirtioNetHeader.gsoSize(bytes, 3));
    assertEquals(40, VirtioNetHeader.checksumStart(bytes, 3));
    assertEquals(16, VirtioNetHeader.checksumOffset(bytes, 3));
    bytes[3] = 2;
    assertFalse(VirtioNetHeader.needsChecksum(bytes, 3));
  }

  @Test
  void writesItsTenBytesAndNoOthers() {
    byte[] before = bytes.clone();
    VirtioNetHeader.writeSuper(bytes, 3, 4, 60, 1_400, 40, 16);
    ByteBuffer expected = ByteBuffer.wrap(before).order(ByteOrder.nativeOrder()).position(3);
    expected.put((byte) 1).put((byte) 4);
    expected.putShort((short) 60).putShort((short) 1_400).putShort((short) 40).putShort((short) 16);
    assertArrayEquals(before, bytes);

    VirtioNetHeader.writePlain(bytes, 3);
    System.arraycopy(new byte[10], 0, before, 3, 10);
    assertArrayEquals(before, bytes);
  }
}
