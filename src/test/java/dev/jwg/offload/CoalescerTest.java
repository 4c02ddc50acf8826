package dev.jwg.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.net.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CoalescerTest {
  private static final int PSH_ACK = 0x18;

  /** The n-th packet of a stream of 100 bytes each. */
  private static Draft tcp4(int n) {
    return Draft.tcp4().id(100 + n).sequence(1_000 + 100 * n);
  }

  private static Draft tcp6(int n) {
    return Draft.tcp6().sequence(1_000 + 100 * n);
  }

  private static Draft udp4(int n) {
    return Draft.udp4().id(100 + n);
  }

  private static byte[] untouched(byte[] packet) {
    return Draft.withVirtio(packet, 0, 0, 0, 0, 0);
  }

  /** Checks that packets come out by writes of so many packets each, and that nothing is lost. */
  private static void assertWrites(List<byte[]> packets, int... sizes) {
    List<byte[]> originals = new ArrayList<>();
    packets.forEach(packet -> originals.add(packet.clone()));
    List<byte[]> writes = Writes.of(packets);
    List<Integer> actual = new ArrayList<>();
    List<byte[]> segments = new ArrayList<>();
    for (byte[] write : writes) {
      List<byte[]> cut = SlowKernel.segments(write);
      if (cut.size() > 1) {
        SlowKernel.assertWellFormed(write);
      } else {
        assertArrayEquals(untouched(cut.get(0)), write);
      }
      actual.add(cut.size());
      segments.addAll(cut);
    }
    assertEquals(Arrays.stream(sizes).boxed().toList(), actual);
    for (int i = 0; i < originals.size(); i++) {
      assertArrayEquals(originals.get(i), segments.get(i), "packet " + i);
    }
  }

  private static void assertTogether(Draft... drafts) {
    assertWrites(packets(drafts), drafts.length);
  }

  /** Two packets that only a difference keeps apart. */
  private static void assertApart(Draft first, Draft second) {
    assertWrites(packets(first, second), 1, 1);
  }

  private static List<byte[]> packets(Draft... drafts) {
    return Arrays.stream(drafts).map(Draft::packet).toList();
  }

  @Test
  void consecutiveSegmentsOfAFlowBecomeOnePacket() {
    assertTogether(tcp4(0), tcp4(1), tcp4(2));
    assertTogether(tcp6(0), tcp6(1), tcp6(2));
  }

  @Test
  void theVirtioHeaderSaysHowToCutThemAgain() {
    byte[] options = Draft.filled(12, 1);
    byte[] write = Writes.of(packets(tcp6(0).tcpOptions(options), tcp6(1).tcpOptions(options))).get(0);
    ByteBuffer virtio = ByteBuffer.wrap(write).order(ByteOrder.nativeOrder());
    assertEquals(1, virtio.get(0));
    assertEquals(4, virtio.get(1));
    assertEquals(72, virtio.getShort(2));
    assertEquals(100, virtio.getShort(4));
    assertEquals(40, virtio.getShort(6));
    assertEquals(16, virtio.getShort(8));
    assertEquals(10 + 72 + 200, write.length);
  }

  @Test
  void aShorterSegmentIsTheLast() {
    assertTogether(tcp4(0), tcp4(1).payload(99));
    assertWrites(packets(tcp4(0), tcp4(1).payload(99), tcp4(2).sequence(1_199)), 2, 1);
  }

  @Test
  void aLongerSegmentBeginsAnew() {
    assertWrites(packets(tcp4(0), tcp4(1).payload(101), tcp4(2).sequence(1_201).payload(101)), 1, 2);
  }

  @Test
  void aPushedSegmentIsTheLast() {
    assertTogether(tcp4(0), tcp4(1).flags(PSH_ACK));
    assertWrites(packets(tcp4(0), tcp4(1).flags(PSH_ACK), tcp4(2)), 2, 1);
    assertWrites(packets(tcp4(0).flags(PSH_ACK), tcp4(1), tcp4(2)), 1, 2);
  }

  @Test
  void flagsThatMustBeSeenGoAlone() {
    for (int flag : new int[] {0x01, 0x02, 0x04, 0x20, 0x80}) {
      assertWrites(packets(tcp4(0), tcp4(1), tcp4(2).flags(0x10 | flag), tcp4(3), tcp4(4)), 2, 1, 2);
      assertApart(tcp4(0).flags(0x10 | flag), tcp4(1).flags(0x10 | flag));
    }
    assertApart(tcp4(0).flags(0), tcp4(1).flags(0));
  }

  @Test
  void congestionEchoesStayWithTheirLike() {
    assertTogether(tcp4(0).flags(0x50), tcp4(1).flags(0x50));
    assertApart(tcp4(0), tcp4(1).flags(0x50));
    assertTogether(tcp4(0).reserved(1), tcp4(1).reserved(1));
    assertApart(tcp4(0), tcp4(1).reserved(1));
  }

  @Test
  void acknowledgmentsWithoutDataGoAlone() {
    assertWrites(packets(tcp4(0).payload(0), tcp4(1).sequence(1_000).payload(0)), 1, 1);
    Draft acknowledgment = tcp4(2).payload(0);
    assertWrites(
        packets(tcp4(0), tcp4(1), acknowledgment, tcp4(3).sequence(1_200), tcp4(4).sequence(1_300)), 2, 1, 2);
  }

  @Test
  void everyDifferenceInTheTcpHeaderKeepsSegmentsApart() {
    List<UnaryOperator<Draft>> changes =
        List.of(
            draft -> draft.acknowledgment(8),
            draft -> draft.window(513),
            draft -> draft.urgent(1),
            draft -> draft.tcpOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0),
            draft -> draft.sequence(1_099),
            draft -> draft.sequence(1_101),
            draft -> draft.sequence(1_000));
    for (UnaryOperator<Draft> change : changes) {
      assertApart(tcp4(0), change.apply(tcp4(1)));
      assertApart(tcp6(0), change.apply(tcp6(1)));
    }
    byte[] options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
    byte[] later = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 3};
    assertTogether(tcp4(0).tcpOptions(options), tcp4(1).tcpOptions(options));
    assertApart(tcp4(0).tcpOptions(options), tcp4(1).tcpOptions(later));
  }

  @Test
  void everyDifferenceInTheIpHeaderKeepsSegmentsApart() {
    List<UnaryOperator<Draft>> changes =
        List.of(draft -> draft.tos(3), draft -> draft.ttl(63), draft -> draft.ports(5), draft -> draft.host(2));
    for (UnaryOperator<Draft> change : changes) {
      assertApart(tcp4(0), change.apply(tcp4(1)));
      assertApart(tcp6(0), change.apply(tcp6(1)));
      assertApart(udp4(0), change.apply(udp4(1)));
      assertApart(Draft.udp6(), change.apply(Draft.udp6()));
    }
    assertApart(tcp6(0), tcp6(1).flowLabel(1));
    assertApart(tcp4(0), tcp4(1).fragment(0));
  }

  @Test
  void identificationCountsUpOrStaysIfItMeansNothing() {
    assertTogether(tcp4(0).id(0xffff), tcp4(1).id(0), tcp4(2).id(1));
    assertTogether(tcp4(0).fragment(0), tcp4(1).fragment(0));
    assertApart(tcp4(0), tcp4(1).id(102));
    assertApart(tcp4(0).fragment(0), tcp4(1).fragment(0).id(100));
    assertWrites(packets(tcp4(0), tcp4(1), tcp4(2).id(101)), 2, 1);

    List<byte[]> atomic = Writes.of(packets(tcp4(0).id(0), tcp4(1).id(0), tcp4(2).id(0), tcp4(3).id(3)));
    assertEquals(2, atomic.size(), "datagrams that are never fragmented");
    assertEquals(3, SlowKernel.segments(atomic.get(0)).size());
  }

  @Test
  void fragmentsOptionsAndExtensionHeadersPassAsTheyAre() {
    for (Draft odd :
        List.of(
            tcp4(2).fragment(0x2000),
            tcp4(2).fragment(1),
            tcp4(2).fragment(0xc000),
            tcp4(2).ipOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0),
            tcp6(2).extension(8))) {
      assertWrites(packets(tcp4(0), tcp4(1), odd, odd, tcp4(3), tcp4(4)), 2, 1, 1, 2);
    }
  }

  @Test
  void otherProtocolsAndBrokenPacketsPassAsTheyAre() {
    List<byte[]> odd = new ArrayList<>();
    odd.add(new byte[0]);
    odd.add(new byte[] {0x45});
    odd.add(Arrays.copyOf(tcp4(2).packet(), 30));
    odd.add(Arrays.copyOf(tcp6(2).packet(), 39));
    odd.add(Arrays.copyOf(tcp6(2).packet(), 59));
    odd.add(changed(tcp4(2), 3, 1)); // total length
    odd.add(changed(tcp4(2), 8, 1)); // TTL without its checksum
    odd.add(changed(tcp4(2), 9, 6 ^ 50)); // ESP
    odd.add(changed(tcp6(2), 6, 6 ^ 58)); // ICMPv6
    odd.add(changed(tcp6(2), 5, 1)); // payload length
    odd.add(changed(tcp6(2), 40 + 12, 0x10 ^ 0x50)); // data offset 1
    odd.add(changed(tcp6(2).payload(1), 40 + 12, 0xf0 ^ 0x50)); // data offset 15
    odd.add(changed(Draft.udp6(), 40 + 5, 1)); // UDP length
    for (byte[] packet : odd) {
      List<byte[]> run = new ArrayList<>(packets(tcp4(0), tcp4(1), tcp4(3), tcp4(4)));
      run.addAll(2, List.of(packet, packet));
      assertWrites(run, 2, 1, 1, 2);
    }
  }

  private static byte[] changed(Draft draft, int at, int bits) {
    byte[] packet = draft.packet();
    packet[at] ^= (byte) bits;
    return packet;
  }

  @Test
  void aWrongChecksumPassesAsItIs() {
    for (boolean isV6 : new boolean[] {false, true}) {
      for (boolean isTcp : new boolean[] {false, true}) {
        for (int wrong = 0; wrong < 3; wrong++) {
          List<byte[]> run = new ArrayList<>();
          for (int n = 0; n < 3; n++) {
            Draft draft = Draft.of(isV6, isTcp).id(100 + n).sequence(1_000 + 100 * n);
            run.add(n == wrong ? changed(draft, draft.headersLength() + 5, 1) : draft.packet());
          }
          int[] sizes = wrong == 0 ? new int[] {1, 2} : wrong == 1 ? new int[] {1, 1, 1} : new int[] {2, 1};
          assertWrites(run, sizes);
        }
      }
    }
  }

  @Test
  void theOtherZeroOfAChecksumPassesAsItIs() {
    byte[] second = tcp4(1).payload((byte) 0, (byte) 0).packet();
    int checksum = NetworkOrder.getShort(second, 36);
    second = tcp4(1).payload((byte) (checksum >>> 8), (byte) checksum).packet();
    assertEquals(0, NetworkOrder.getShort(second, 36));
    assertWrites(List.of(tcp4(0).packet(), second), 2);
    NetworkOrder.putShort(second, 36, 0xffff);
    assertWrites(List.of(tcp4(0).packet(), second), 1, 1);
  }

  @Test
  void datagramsOfEqualSizeBecomeOnePacket() {
    assertTogether(udp4(0), udp4(1), udp4(2).payload(3));
    assertTogether(Draft.udp6(), Draft.udp6(), Draft.udp6().payload(3));
    assertWrites(packets(udp4(0), udp4(1).payload(3), udp4(2).payload(3)), 2, 1);
    assertWrites(packets(udp4(0).payload(3), udp4(1), udp4(2)), 1, 2);
    assertApart(udp4(0).payload(0), udp4(1).payload(0));
  }

  @Test
  void datagramsWithoutChecksumPassAsTheyAre() {
    assertWrites(packets(udp4(0), udp4(1), udp4(2).withoutChecksum(), udp4(3), udp4(4)), 2, 1, 2);
  }

  @Test
  void datagramsPassAsTheyAreWhereTheDeviceDoesNotTakeThem() {
    List<byte[]> packets = packets(tcp4(0), udp4(0), tcp4(1), udp4(1));
    List<byte[]> writes = Writes.of(packets, new Coalescer(false));
    assertEquals(3, writes.size());
    assertArrayEquals(untouched(packets.get(1)), writes.get(0));
    assertArrayEquals(untouched(packets.get(3)), writes.get(1));
    assertEquals(2, SlowKernel.segments(writes.get(2)).size());
  }

  @Test
  void tcpAndUdpOfTheSamePortsAreTwoFlows() {
    List<byte[]> writes = Writes.of(packets(tcp4(0), udp4(0), tcp4(1), udp4(1)));
    assertEquals(List.of(2, 2), writes.stream().map(write -> SlowKernel.segments(write).size()).toList());
  }

  @Test
  void interleavedFlowsGatherSideBySide() {
    List<byte[]> packets = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      for (int flow = 0; flow < Coalescer.MAX_FLOWS; flow++) {
        packets.add(tcp4(n).host(flow).packet());
      }
    }
    List<byte[]> writes = Writes.of(packets);
    assertEquals(Coalescer.MAX_FLOWS, writes.size());
    for (int flow = 0; flow < Coalescer.MAX_FLOWS; flow++) {
      assertEquals(flow, writes.get(flow)[10 + 15], "in the order of their first packets");
      assertEquals(4, SlowKernel.segments(writes.get(flow)).size());
    }
  }

  @Test
  void oneFlowTooManyEndsTheOldest() {
    List<byte[]> packets = new ArrayList<>();
    for (int flow = 0; flow <= Coalescer.MAX_FLOWS; flow++) {
      packets.add(tcp4(0).host(flow).packet());
    }
    packets.add(tcp4(1).host(1).packet());
    packets.add(tcp4(1).host(0).packet());
    List<byte[]> writes = Writes.of(packets);
    assertEquals(0, writes.get(0)[10 + 15]);
    assertEquals(2, SlowKernel.segments(writes.get(1)).size());
    assertEquals(Coalescer.MAX_FLOWS + 2, writes.size());
  }

  @Test
  void noPacketIsLongerThanItsHeaderCanTell() {
    Draft[] drafts = new Draft[9];
    for (int n = 0; n < 9; n++) {
      drafts[n] = Draft.tcp4().id(n).sequence(8_187 * n).payload(8_187);
    }
    assertWrites(packets(drafts), 7, 2); // 8 would be 65,536 bytes
    for (int n = 0; n < 9; n++) {
      drafts[n] = Draft.tcp4().id(n).sequence(8_186 * n).payload(n == 8 ? 7 : 8_186);
    }
    assertWrites(packets(drafts), 9);
  }

  @Test
  void noMoreDatagramsAreMergedThanTheKernelTakes() {
    Draft[] drafts = new Draft[130];
    for (int n = 0; n < drafts.length; n++) {
      drafts[n] = Draft.udp4().id(n);
    }
    Batch batch = new Batch(100_000, 130);
    for (byte[] packet : packets(drafts)) {
      batch.append(packet, 0, packet.length);
    }
    List<Integer> sizes = new ArrayList<>();
    Coalescer.Sink sizesOnly =
        new Coalescer.Sink() {
          private int pieces;

          @Override
          public void append(byte[] bytes, int offset, int length) {
            pieces++;
          }

          @Override
          public void end() {
            sizes.add(pieces);
            pieces = 0;
          }
        };
    new Coalescer(true).coalesce(batch, 0, 130, sizesOnly);
    assertEquals(List.of(64, 64, 2), sizes);
  }

  @Test
  void onlyTheRunIsHandedOnAndNothingIsKeptForTheNext() {
    Batch batch = Writes.batch(packets(tcp4(0), tcp4(1), tcp4(2), tcp4(3)));
    Coalescer coalescer = new Coalescer(true);
    Writes writes = new Writes();
    coalescer.coalesce(batch, 1, 2, writes);
    coalescer.coalesce(batch, 2, 2, writes);
    coalescer.coalesce(batch, 2, 4, writes);
    assertEquals(List.of(1, 2), writes.written().stream().map(write -> SlowKernel.segments(write).size()).toList());
  }
}
