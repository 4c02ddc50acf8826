package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Batch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmenterTest {
  private static final int TCP4 = 1;
  private static final int TCP6 = 4;
  private static final int UDP = 5;

  private final Reads reads = new Reads();

  private static void assertPackets(List<byte[]> actual, byte[]... expected) {
    assertEquals(expected.length, actual.size());
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual.get(i), "packet " + i);
    }
  }

  private static byte[] part(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  @Test
  void aPlainPacketIsCopied() {
    byte[] packet = Draft.tcp4().packet();
    assertPackets(reads.segments(Draft.withVirtio(packet, 0, 0, 0, 0, 0)), packet);
  }

  @Test
  void aPlainPacketsChecksumIsCompleted() {
    assertPackets(reads.segments(Draft.tcp4().partial(0, 0)), Draft.tcp4().packet());
    assertPackets(reads.segments(Draft.udp6().payload(333).partial(0, 0)), Draft.udp6().payload(333).packet());
  }

  @Test
  void aChecksumThatIsZeroIsSentAsOnes() {
    byte[] zero = Draft.udp4().payload((byte) 0, (byte) 0).packet();
    int checksum = NetworkOrder.getShort(zero, 26);
    Draft datagram = Draft.udp4().payload((byte) (checksum >>> 8), (byte) checksum);
    byte[] expected = datagram.packet();
    assertEquals(0xffff, NetworkOrder.getShort(expected, 26));
    assertPackets(reads.segments(datagram.partial(0, 0)), expected);
    assertPackets(reads.segments(datagram.partial(UDP, 2)), expected);
  }

  @Test
  void tcpSegmentsCountSequenceAndIdentificationUp() {
    Draft large = Draft.tcp4().id(0xffff).sequence(-50).payload(250);
    byte[] payload = large.payload();
    assertPackets(
        reads.segments(large.partial(TCP4, 100)),
        Draft.tcp4().id(0xffff).sequence(-50).payload(part(payload, 0, 100)).packet(),
        Draft.tcp4().id(0).sequence(50).payload(part(payload, 100, 200)).packet(),
        Draft.tcp4().id(1).sequence(150).payload(part(payload, 200, 250)).packet());
  }

  @Test
  void finAndPshStayWithTheLastAndCwrWithTheFirst() {
    Draft large = Draft.tcp6().flags(0xd9).payload(30);
    List<byte[]> packets = reads.segments(large.partial(TCP6 | 0x80, 10));
    assertEquals(0xd0, packets.get(0)[40 + 13] & 0xff);
    assertEquals(0x50, packets.get(1)[40 + 13] & 0xff);
    assertEquals(0x59, packets.get(2)[40 + 13] & 0xff);
  }

  @Test
  void optionsAndExtensionHeadersAreInAllSegments() {
    byte[] options = Draft.filled(12, 3);
    Draft v4 = Draft.tcp4().ipOptions(Draft.filled(8, 2)).tcpOptions(options).payload(20);
    Draft v6 = Draft.tcp6().extension(24).tcpOptions(options).payload(20);
    byte[] payload = v4.payload();
    assertPackets(
        reads.segments(v4.partial(TCP4, 10)),
        v4.payload(part(payload, 0, 10)).packet(),
        v4.payload(part(payload, 10, 20)).id(101).sequence(1_010).packet());
    assertPackets(
        reads.segments(v6.partial(TCP6, 10)),
        v6.payload(part(payload, 0, 10)).packet(),
        v6.payload(part(payload, 10, 20)).sequence(1_010).packet());
  }

  @Test
  void datagramsOfEqualSizeHaveLengthsOfTheirOwn() {
    for (boolean isV6 : new boolean[] {false, true}) {
      Draft large = Draft.of(isV6, false).payload(25);
      byte[] payload = large.payload();
      assertPackets(
          reads.segments(large.partial(UDP, 10)),
          Draft.of(isV6, false).payload(part(payload, 0, 10)).packet(),
          Draft.of(isV6, false).payload(part(payload, 10, 20)).id(101).packet(),
          Draft.of(isV6, false).payload(part(payload, 20, 25)).id(102).packet());
    }
  }

  @Test
  void aRoutingHeadersFinalDestinationIsInTheKernelsSum() {
    Draft large = Draft.tcp6().payload(20);
    byte[] plain = large.partial(TCP6, 10);
    byte[] routed = plain.clone();
    routed[10 + 39] ^= 0x55; // another destination for now, the same in the sum
    List<byte[]> packets = reads.segments(routed);
    List<byte[]> expected = reads.segments(plain);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          NetworkOrder.getShort(expected.get(i), large.checksumField()),
          NetworkOrder.getShort(packets.get(i), large.checksumField()));
    }
  }

  @Test
  void aSuperPacketWithACompleteChecksumIsCutToo() {
    for (boolean isV6 : new boolean[] {false, true}) {
      Draft large = Draft.of(isV6, true).payload(20);
      int type = isV6 ? TCP6 : TCP4;
      List<byte[]> expected = reads.segments(large.partial(type, 10));
      byte[] complete = Draft.withVirtio(large.packet(), 2, type, 10, 0, 0);
      assertPackets(reads.segments(complete), expected.get(0), expected.get(1));
    }
  }

  @Test
  void noMorePayloadThanOneSegmentIsOneSegment() {
    assertPackets(reads.segments(Draft.tcp4().partial(TCP4, 100)), Draft.tcp4().packet());
    assertPackets(reads.segments(Draft.tcp4().payload(0).partial(TCP4, 100)), Draft.tcp4().payload(0).packet());
  }

  @Test
  void goesOnInTheNextBatch() {
    byte[] read = Draft.tcp4().payload(1_000).partial(TCP4, 8);
    List<byte[]> packets = reads.segments(read, new Batch(100_000, 7));
    assertEquals(125, packets.size());
    assertPackets(packets, SlowKernel.segments(read).toArray(byte[][]::new));
  }

  @Test
  void appendsBehindWhatABatchHolds() {
    Batch batch = new Batch(100_000, 3);
    batch.append(1);
    reads.begin(Draft.tcp4().payload(30).partial(TCP4, 10));
    assertFalse(reads.segmenter().fill(batch));
    assertEquals(3, batch.count());
    batch.clear();
    assertTrue(reads.segmenter().fill(batch));
    assertEquals(1, batch.count());
    assertTrue(reads.segmenter().fill(batch), "nothing is left");
    assertEquals(1, batch.count());
  }

  @Test
  void aBatchThatCanNeverHoldASegmentIsAnError() {
    reads.begin(Draft.tcp4().partial(TCP4, 10));
    assertThrows(IllegalStateException.class, () -> reads.segmenter().fill(new Batch(20, 1)));
  }

  @Test
  void hasNothingToAppendAtFirstAndAfterARefusal() {
    Batch batch = new Batch(1_000, 4);
    assertTrue(reads.segmenter().fill(batch));
    reads.begin(new byte[10]);
    assertTrue(reads.segmenter().fill(batch));
    assertTrue(batch.isEmpty());
  }

  private void assertRefused(Segmenter.Verdict verdict, byte[] read) {
    assertEquals(verdict, reads.begin(read));
  }

  @Test
  void refusesWhatIsTooShort() {
    assertRefused(Segmenter.Verdict.TRUNCATED, new byte[0]);
    assertRefused(Segmenter.Verdict.TRUNCATED, new byte[9]);
    assertRefused(Segmenter.Verdict.TRUNCATED, new byte[29]);
  }

  @Test
  void refusesTypesThatWereNotAskedFor() {
    assertRefused(Segmenter.Verdict.UNKNOWN_GSO_TYPE, Draft.udp4().partial(3, 10));
    assertRefused(Segmenter.Verdict.UNKNOWN_GSO_TYPE, Draft.udp4().partial(2, 10));
  }

  @Test
  void refusesSegmentsOfNothing() {
    assertRefused(Segmenter.Verdict.ZERO_GSO_SIZE, Draft.tcp4().partial(TCP4, 0));
  }

  @Test
  void refusesAChecksumBeyondThePacket() {
    byte[] packet = Draft.udp4().packet();
    assertEquals(Segmenter.Verdict.OK, reads.begin(Draft.withVirtio(packet, 1, 0, 0, 20, packet.length - 22)));
    assertRefused(
        Segmenter.Verdict.BAD_CHECKSUM_PLACE, Draft.withVirtio(packet, 1, 0, 0, 20, packet.length - 21));
    assertRefused(Segmenter.Verdict.BAD_CHECKSUM_PLACE, Draft.withVirtio(packet, 1, 0, 0, 65535, 65535));
    assertRefused(Segmenter.Verdict.BAD_CHECKSUM_PLACE, Draft.withVirtio(packet, 1, UDP, 10, 20, 16));
  }

  @Test
  void refusesHeadersThatAreNotTheTypes() {
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.tcp6().partial(TCP4, 10));
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.tcp4().partial(TCP6, 10));
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.withVirtio(Draft.udp4().packet(), 1, TCP4, 10, 20, 16));
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.withVirtio(Draft.tcp6().packet(), 1, UDP, 10, 40, 6));
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.withVirtio(Draft.tcp4().packet(), 1, TCP4, 10, 24, 16));
    assertRefused(Segmenter.Verdict.BAD_HEADER, Draft.withVirtio(Draft.tcp6().packet(), 1, TCP6, 10, 39, 16));
    byte[] noVersion = Draft.tcp4().partial(TCP4, 10);
    noVersion[10] = 0x55;
    assertRefused(Segmenter.Verdict.BAD_HEADER, noVersion);
  }

  @Test
  void refusesHeaderLengthsThatCannotBe() {
    byte[] shortTcp = Draft.tcp4().partial(TCP4, 10);
    shortTcp[10 + 20 + 12] = 0x40;
    assertRefused(Segmenter.Verdict.BAD_HEADER, shortTcp);
    byte[] longTcp = Draft.tcp4().payload(39).partial(TCP4, 10);
    longTcp[10 + 20 + 12] = (byte) 0xf0;
    assertRefused(Segmenter.Verdict.BAD_HEADER, longTcp);
    byte[] shortIp = Draft.tcp4().partial(TCP4, 10);
    shortIp[10] = 0x44;
    assertRefused(Segmenter.Verdict.BAD_HEADER, shortIp);
    assertRefused(
        Segmenter.Verdict.BAD_HEADER, Draft.withVirtio(Draft.tcp6().extension(480).packet(), 1, TCP6, 10, 520, 16));
    assertRefused(
        Segmenter.Verdict.BAD_HEADER, Arrays.copyOf(Draft.tcp4().partial(TCP4, 10), 10 + 39));
  }
}
