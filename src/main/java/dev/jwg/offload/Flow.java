package dev.jwg.offload;

/** Packets of one flow that will be written as one: where the first stands, and what the next must look like. */
final class Flow {
  /** Longest packet, with its IP header, that both IP versions can tell the length of. */
  private static final int MAX_LENGTH = 65535;

  /** UDP_MAX_SEGMENTS of linux/udp.h before Linux 6.10, and as many as its receive offload merges. */
  private static final int MAX_DATAGRAMS = 64;

  private Segment first = new Segment();
  private int firstSlot;
  private int lastSlot;
  private int count;
  private int length;
  private boolean isPushed;

  /** The second packet's IPv4 identification is this much more than the first's: 1, or 0 for atomic datagrams. */
  private int idStep;

  /**
   * Begins with one packet.
   *
   * @return the segment that is now free to read others, in exchange
   */
  Segment open(Segment segment, int slot) {
    Segment free = first;
    first = segment;
    firstSlot = slot;
    lastSlot = slot;
    count = 1;
    length = segment.length();
    isPushed = false;
    return free;
  }

  boolean isOf(Segment segment) {
    return first.isSameFlow(segment);
  }

  /** True if the packet, of this flow, continues it: cheap questions first, checksums last and only once for each. */
  boolean continuesWith(Segment segment) {
    return segment.payloadLength() <= first.payloadLength()
        && length + segment.payloadLength() <= MAX_LENGTH
        && first.hasSameHeaders(segment)
        && (first.isUdp() ? count < MAX_DATAGRAMS : segment.sequence() == nextSequence())
        && (first.isV6() || hasNextId(segment))
        && (count > 1 || first.isChecksumRight())
        && segment.isChecksumRight();
  }

  private int nextSequence() {
    return first.sequence() + length - first.headersLength();
  }

  /**
   * Segmentation counts the identification up. Senders of atomic datagrams may leave it as it is, which then means
   * nothing (RFC 6864 section 4.1); the kernel merges these too, and a virtio header has no way to tell them apart.
   */
  private boolean hasNextId(Segment segment) {
    int step = (segment.id() - first.id()) & 0xffff;
    if (count == 1) {
      return step == 1 || (step == 0 && first.isDontFragment());
    }
    return step == ((count * idStep) & 0xffff);
  }

  /**
   * Takes the packet in.
   *
   * @return true if it was the last that this flow can take
   */
  boolean append(Segment segment, int slot) {
    if (count == 1 && !first.isV6()) {
      idStep = (segment.id() - first.id()) & 0xffff;
    }
    lastSlot = slot;
    count++;
    length += segment.payloadLength();
    isPushed = segment.isPushed();
    return isPushed || segment.payloadLength() < first.payloadLength();
  }

  /** Readies the headers, the virtio header included, for the packet that all make together. */
  void finish() {
    first.becomeSuper(length, isPushed);
  }

  Segment first() {
    return first;
  }

  int firstSlot() {
    return firstSlot;
  }

  int lastSlot() {
    return lastSlot;
  }

  boolean isSingle() {
    return count == 1;
  }
}
