package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Checksum;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPacket.Check;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IpPacketTest {
  /** 192.168.0.1 to 192.168.0.199, UDP, total length 115: the header of a well-known worked checksum example. */
  private static final byte[] V4 = packet("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", 115);
  /** fd00::1 to fd00::2, UDP, 8 bytes of payload, traffic class 0xb9. */
  private static final byte[] V6 =
      packet("6b91 2345 0008 1140" + "fd00 0000 0000 0000 0000 0000 0000 0001" + "fd00 0000 0000 0000 0000 0000 0000 0002", 48);

  private static byte[] packet(String header, int length) {
    return Arrays.copyOf(HexFormat.of().parseHex(header.replace(" ", "")), length);
  }

  @Test
  void readsBothFamilies() {
    assertEquals(Check.OK, IpPacket.check(V4, 0, V4.length));
    assertEquals(115, IpPacket.totalLength(V4, 0));
    assertEquals("192.168.0.1", IpPacket.source(V4, 0).toString());
    assertEquals("192.168.0.199", IpPacket.destination(V4, 0).toString());
    assertFalse(IpPacket.isV6(V4, 0));
    assertEquals(Check.OK, IpPacket.check(V6, 0, V6.length));
    assertEquals(48, IpPacket.totalLength(V6, 0));
    assertEquals("fd00::1", IpPacket.source(V6, 0).toString());
    assertEquals("fd00::2", IpPacket.destination(V6, 0).toString());
    assertTrue(IpPacket.isV6(V6, 0));
  }

  @Test
  void findsTheOwnersOfBothAddressesAtAnyOffset() {
    AllowedIps<String> table = new AllowedIps<>();
    for (byte[] packet : new byte[][] {V4, V6}) {
      byte[] shifted = new byte[packet.length + 3];
      System.arraycopy(packet, 0, shifted, 3, packet.length);
      put(table, IpPacket.source(packet, 0), "alice");
      put(table, IpPacket.destination(packet, 0), "bob");
      assertEquals("alice", IpPacket.sourceOwner(table, shifted, 3));
      assertEquals("bob", IpPacket.destinationOwner(table, shifted, 3));
    }
  }

  private static void put(AllowedIps<String> table, IpAddress address, String owner) {
    table.put(new IpPrefix(address, address.bits()), owner);
  }

  @Test
  void paddingBehindThePacketIsNotPartOfIt() {
    byte[] padded = Arrays.copyOf(V4, 128);
    assertEquals(Check.OK, IpPacket.check(padded, 0, padded.length));
    assertEquals(115, IpPacket.totalLength(padded, 0));
  }

  @Test
  void everyTruncationIsRefused() {
    for (int length = 0; length < V4.length; length++) {
      Check expected = length < 20 ? Check.TRUNCATED : Check.BAD_TOTAL_LENGTH;
      assertEquals(expected, IpPacket.check(Arrays.copyOf(V4, length), 0, length), "length " + length);
    }
    for (int length = 0; length < V6.length; length++) {
      Check expected = length < 40 ? Check.TRUNCATED : Check.BAD_TOTAL_LENGTH;
      assertEquals(expected, IpPacket.check(Arrays.copyOf(V6, length), 0, length), "length " + length);
    }
  }

  @Test
  void anIpv6PayloadLengthNearTheLimitDoesNotWrap() {
    byte[] packet = V6.clone();
    IpPacket.putShort(packet, 4, 0xffff);
    assertEquals(0xffff + 40, IpPacket.totalLength(packet, 0));
    assertEquals(Check.BAD_TOTAL_LENGTH, IpPacket.check(packet, 0, packet.length));
  }

  @Test
  void unknownVersionsAreRefused() {
    for (int version = 0; version < 16; version++) {
      byte[] packet = V6.clone();
      packet[0] = (byte) (version << 4);
      if (version != 4 && version != 6) {
        assertEquals(Check.UNKNOWN_VERSION, IpPacket.check(packet, 0, packet.length), "version " + version);
      }
    }
  }

  @Test
  void anIpv4HeaderLengthOutsideThePacketIsRefused() {
    byte[] packet = V4.clone();
    packet[0] = 0x44;
    assertEquals(Check.BAD_HEADER_LENGTH, IpPacket.check(packet, 0, packet.length));
    packet[0] = 0x4f;
    IpPacket.putShort(packet, 2, 59);
    assertEquals(Check.BAD_HEADER_LENGTH, IpPacket.check(packet, 0, packet.length));
    IpPacket.putShort(packet, 2, 60);
    assertEquals(Check.OK, IpPacket.check(packet, 0, packet.length));
    IpPacket.putShort(packet, 2, 19);
    assertEquals(Check.BAD_TOTAL_LENGTH, IpPacket.check(packet, 0, packet.length));
  }

  @Test
  void writingTheTosKeepsTheIpv4ChecksumRight() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] packet = V4.clone();
    assertEquals(0, headerSum(packet));
    for (int i = 0; i < 1000; i++) {
      int tos = random.nextInt(256);
      IpPacket.tos(packet, 0, tos);
      assertEquals(tos, IpPacket.tos(packet, 0));
      assertEquals(0, headerSum(packet), "seed " + seed + ", tos " + tos);
    }
  }

  private static int headerSum(byte[] packet) {
    return Checksum.finish(Checksum.sum(packet, 0, 20));
  }

  @Test
  void writingTheTrafficClassLeavesVersionAndFlowLabelAlone() {
    byte[] packet = V6.clone();
    assertEquals(0xb9, IpPacket.tos(packet, 0));
    IpPacket.tos(packet, 0, 0x46);
    assertEquals(0x46, IpPacket.tos(packet, 0));
    IpPacket.tos(packet, 0, 0xb9);
    assertEquals(HexFormat.of().formatHex(V6), HexFormat.of().formatHex(packet));
  }

  @Test
  void randomBytesNeverThrow() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = (byte) ((bytes[0] & 0xf) | (random.nextBoolean() ? 0x40 : 0x60));
      }
      if (IpPacket.check(bytes, 0, bytes.length) == Check.OK) {
        assertTrue(IpPacket.totalLength(bytes, 0) <= bytes.length, "seed " + seed);
      }
    }
  }
}
