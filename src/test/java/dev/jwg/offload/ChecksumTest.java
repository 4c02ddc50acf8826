package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.net.Checksum;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  @Test
  void sumsTheExampleOfRfc1071() {
    byte[] bytes = HexFormat.of().parseHex("0001f203f4f5f6f7");
    assertEquals(0xddf2, Checksum.sum(bytes, 0, 8));
    assertEquals(0x220d, Checksum.finish(0xddf2));
  }

  @Test
  void agreesWithTheSlowSumAtEveryLengthAndOffset() {
    Random random = new Random(1);
    for (int length = 0; length < 200; length++) {
      int offset = random.nextInt(16);
      byte[] bytes = Draft.filled(offset + length + 3, length);
      assertEquals(
          SlowChecksum.sum(bytes, offset, offset + length), Checksum.sum(bytes, offset, length), "length " + length);
    }
  }

  @Test
  void carriesThroughTheLongestPacketOfOnes() {
    byte[] bytes = new byte[65535];
    Arrays.fill(bytes, (byte) 0xff);
    assertEquals(SlowChecksum.sum(bytes, 0, bytes.length), Checksum.sum(bytes, 0, bytes.length));
  }

  @Test
  void aSumOfNothingIsZeroAndOneOfOnesIsNot() {
    assertEquals(0, Checksum.sum(new byte[8], 0, 8));
    assertEquals(0xffff, Checksum.fold(0xffffL * 5));
    assertEquals(0xffff, Checksum.finish(0));
    assertEquals(0, Checksum.finish(0xffff));
  }

  @Test
  void pseudoHeadersCoverAddressesProtocolAndLength() {
    for (Draft draft : new Draft[] {Draft.tcp4(), Draft.tcp6()}) {
      byte[] packet = draft.packet();
      byte[] moved = new byte[packet.length + 5];
      System.arraycopy(packet, 0, moved, 5, packet.length);
      assertEquals(
          SlowChecksum.fold(SlowChecksum.pseudoHeader(packet, 6, 777)),
          Checksum.fold(Layout.pseudoHeaderSum(moved, 5, 6, 777)));
    }
  }
}
