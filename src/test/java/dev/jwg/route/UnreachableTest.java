package dev.jwg.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Checksum;
import dev.jwg.net.IpAddress;
import dev.jwg.route.IpPacket.Check;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnreachableTest {
  private static final int UDP = 17;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;
  /** Errors are written here so that the offset is no lucky zero. */
  private static final int AT = 7;

  private final byte[] into = new byte[AT + Unreachable.MAX_LENGTH];

  @Test
  void answersIpv4FromTheDestinationWithHostUnreachable() {
    byte[] packet = v4("10.0.0.1", "10.9.9.9", UDP, 60);
    byte[] error = answer(packet);
    assertEquals(Check.OK, IpPacket.check(error, 0, error.length));
    assertEquals("10.9.9.9", IpPacket.source(error, 0).toString());
    assertEquals("10.0.0.1", IpPacket.destination(error, 0).toString());
    assertEquals(ICMP, error[9]);
    assertEquals("0301", HexFormat.of().formatHex(error, 20, 22));
    assertArrayEquals(packet, Arrays.copyOfRange(error, 28, error.length), "the packet is quoted");
    assertEquals(0, Checksum.finish(Checksum.sum(error, 0, 20)));
    assertEquals(0, Checksum.finish(Checksum.sum(error, 20, error.length - 20)));
  }

  @Test
  void answersIpv6FromTheDestinationWithAddressUnreachable() {
    byte[] packet = v6("fd00::1", "fd09::9", UDP, 61);
    byte[] error = answer(packet);
    assertEquals(Check.OK, IpPacket.check(error, 0, error.length));
    assertEquals("fd09::9", IpPacket.source(error, 0).toString());
    assertEquals("fd00::1", IpPacket.destination(error, 0).toString());
    assertEquals(ICMPV6, error[6]);
    assertEquals("0103", HexFormat.of().formatHex(error, 40, 42));
    assertArrayEquals(packet, Arrays.copyOfRange(error, 48, error.length), "the packet is quoted");
    int pseudoHeader = error.length - 40 + ICMPV6 + Checksum.sum(error, 8, 32);
    assertEquals(0, Checksum.finish(pseudoHeader + Checksum.sum(error, 40, error.length - 40)));
  }

  @ParameterizedTest
  @CsvSource({"547, 575", "548, 576", "549, 576", "1420, 576", "65535, 576"})
  void quotesIpv4UpTo576Bytes(int length, int expected) {
    assertEquals(expected, answer(v4("10.0.0.1", "10.9.9.9", UDP, length)).length);
  }

  @ParameterizedTest
  @CsvSource({"1231, 1279", "1232, 1280", "1233, 1280", "65575, 1280"})
  void quotesIpv6UpTo1280Bytes(int length, int expected) {
    assertEquals(expected, answer(v6("fd00::1", "fd09::9", UDP, length)).length);
  }

  @Test
  void paddingIsNotQuoted() {
    byte[] packet = v4("10.0.0.1", "10.9.9.9", UDP, 60);
    assertArrayEquals(answer(packet), answer(Arrays.copyOf(packet, 64)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 10.9.9.9", "127.0.0.1, 10.9.9.9", "224.0.0.1, 10.9.9.9", "255.255.255.255, 10.9.9.9", "240.0.0.1, 10.9.9.9",
    "10.0.0.1, 224.0.0.251", "10.0.0.1, 255.255.255.255",
    "::, fd09::9", "::1, fd09::9", "ff02::1, fd09::9", "fd00::1, ff02::fb",
  })
  void neverAnswersGroupsOrNobody(String source, String destination) {
    assertSilent(source.contains(":") ? v6(source, destination, UDP, 60) : v4(source, destination, UDP, 60));
  }

  @Test
  void anAddressThatOnlyResemblesThoseIsAnswered() {
    assertAnswered(v6("::2", "fd09::9", UDP, 60));
    assertAnswered(v6("100::1", "fd09::9", UDP, 60));
    assertAnswered(v4("223.255.255.255", "128.0.0.1", UDP, 60));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 11, 12})
  void neverAnswersIcmpErrors(int type) {
    assertSilent(with(v4("10.0.0.1", "10.9.9.9", ICMP, 60), 20, type));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 13})
  void answersIcmpQueries(int type) {
    assertAnswered(with(v4("10.0.0.1", "10.9.9.9", ICMP, 60), 20, type));
  }

  @Test
  void findsTheIcmpTypeBehindIpv4Options() {
    byte[] packet = with(with(v4("10.0.0.1", "10.9.9.9", ICMP, 60), 0, 0x46), 20, 8);
    assertSilent(with(packet, 24, 3));
    assertAnswered(with(packet, 24, 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 100, 127, 137})
  void neverAnswersIcmpv6Errors(int type) {
    assertSilent(with(v6("fd00::1", "fd09::9", ICMPV6, 60), 40, type));
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 129, 135})
  void answersIcmpv6Queries(int type) {
    assertAnswered(with(v6("fd00::1", "fd09::9", ICMPV6, 60), 40, type));
  }

  @Test
  void icmpWithoutATypeIsNotAnswered() {
    assertSilent(v4("10.0.0.1", "10.9.9.9", ICMP, 20));
    assertSilent(v6("fd00::1", "fd09::9", ICMPV6, 40));
  }

  @Test
  void onlyTheFirstFragmentIsAnswered() {
    assertAnswered(with(v4("10.0.0.1", "10.9.9.9", UDP, 60), 6, 0x20));
    assertSilent(with(v4("10.0.0.1", "10.9.9.9", UDP, 60), 7, 1));
    byte[] fragment = with(v6("fd00::1", "fd09::9", 44, 60), 40, UDP);
    assertAnswered(with(fragment, 43, 1));
    assertSilent(with(fragment, 43, 8));
  }

  /** Hop-by-hop of 8 bytes, destination options of 16, authentication of 12: each counts its length differently. */
  @Test
  void findsTheIcmpv6TypeBehindExtensionHeaders() {
    byte[] packet = v6("fd00::1", "fd09::9", 0, 100);
    with(packet, 40, 60);
    with(with(packet, 48, 51), 49, 1);
    with(with(packet, 64, ICMPV6), 65, 1);
    assertSilent(with(packet, 76, 1));
    assertAnswered(with(packet, 76, 128));
  }

  @Test
  void extensionHeadersThatRunOutAreNotAnswered() {
    assertSilent(v6("fd00::1", "fd09::9", 0, 47));
    assertSilent(with(v6("fd00::1", "fd09::9", 60, 60), 41, 255));
  }

  @Test
  void anyValidPacketIsAnsweredValidlyOrNotAtAll() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      byte[] packet = random.nextBoolean()
          ? v4("10.0.0.1", "10.9.9.9", ICMP, 20 + random.nextInt(80))
          : v6("fd00::1", "fd09::9", ICMPV6, 40 + random.nextInt(80));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
      }
      if (IpPacket.check(packet, 0, packet.length) == Check.OK) {
        byte[] error = answer(packet);
        assertTrue(error.length == 0 || IpPacket.check(error, 0, error.length) == Check.OK, "seed " + seed);
      }
    }
  }

  private void assertAnswered(byte[] packet) {
    assertTrue(answer(packet).length > 0);
  }

  private void assertSilent(byte[] packet) {
    assertEquals(0, answer(packet).length);
  }

  private byte[] answer(byte[] packet) {
    Arrays.fill(into, (byte) 0xee);
    int length = Unreachable.write(packet, 0, into, AT);
    return Arrays.copyOfRange(into, AT, AT + length);
  }

  private static byte[] v4(String source, String destination, int protocol, int length) {
    byte[] packet = new byte[length];
    packet[0] = 0x45;
    packet[9] = (byte) protocol;
    IpPacket.putShort(packet, 2, length);
    return addressed(packet, 12, source, destination);
  }

  private static byte[] v6(String source, String destination, int next, int length) {
    byte[] packet = new byte[length];
    packet[0] = 0x60;
    packet[6] = (byte) next;
    IpPacket.putShort(packet, 4, length - 40);
    return addressed(packet, 8, source, destination);
  }

  private static byte[] addressed(byte[] packet, int at, String source, String destination) {
    byte[] from = IpAddress.parse(source).toBytes();
    System.arraycopy(from, 0, packet, at, from.length);
    System.arraycopy(IpAddress.parse(destination).toBytes(), 0, packet, at + from.length, from.length);
    return packet;
  }

  private static byte[] with(byte[] packet, int at, int value) {
    packet[at] = (byte) value;
    return packet;
  }
}
