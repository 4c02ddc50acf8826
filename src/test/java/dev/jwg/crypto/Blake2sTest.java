package dev.jwg.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Expected values not from an RFC come from Python: hashlib.blake2s with key and digest_size, and hmac. */
final class Blake2sTest {
  private static final byte[] KEY = ascending(32);

  @Test
  void hashesAsRfc7693AppendixBSays() {
    assertEquals(
        "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
        hex(Blake2s.hash("abc".getBytes(StandardCharsets.US_ASCII))));
  }

  @Test
  void hashesNothing() {
    assertEquals("69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9", hex(Blake2s.hash()));
  }

  @Test
  void hashesPartsAsOne() {
    byte[] whole = ascending(200);
    assertArrayEquals(
        Blake2s.hash(whole), Blake2s.hash(Arrays.copyOf(whole, 77), Arrays.copyOfRange(whole, 77, 200)));
  }

  @Test
  void keyedHashOfSeveralBlocks() {
    assertEquals("cd075928ab7e6883e697fe7fd3ac43ee", hex(Blake2s.mac(KEY, ascending(255))));
  }

  @Test
  void keyedHashOfNothing() {
    assertEquals("9536f9b267655743dee97b8a670f9f53", hex(Blake2s.mac(KEY)));
  }

  @Test
  void keyMayBeACookie() {
    byte[] message = "abc".getBytes(StandardCharsets.US_ASCII);
    assertEquals("75296c2d2c0f51210b383f386bc8b1ff", hex(Blake2s.mac(ascending(16), message)));
  }

  @Test
  void keyedHashOfAPartOfAnArray() {
    byte[] around = new byte[300];
    System.arraycopy(ascending(255), 0, around, 7, 255);
    assertEquals("cd075928ab7e6883e697fe7fd3ac43ee", hex(Blake2s.mac(KEY, around, 7, 255)));
  }

  @Test
  void hmacOfSeveralBlocks() {
    assertEquals(
        "543eec9b22646365ef782d72dae137cc761d018005f8d33d0f20bfbd01e62974", hex(Blake2s.hmac(KEY, ascending(200))));
  }

  @Test
  void hmacOfNothing() {
    assertEquals("e2641d24dfa8dd89e8cb77f1cdc77d8c006e5bebdfc4d6a3a3a6f8d5b7586fb0", hex(Blake2s.hmac(KEY)));
  }

  private static byte[] ascending(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
