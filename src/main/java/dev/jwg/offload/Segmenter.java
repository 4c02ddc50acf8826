package dev.jwg.offload;

import dev.jwg.net.Batch;
import dev.jwg.net.Checksum;

/**
 * Send direction: makes of one read of a TUN device with IFF_VNET_HDR the packets that it stands for, each in a batch's
 * slot of its own, complete with lengths, IP identification, sequence number, flags and checksums.
 *
 * <p>{@link #begin} judges all of a read before anything of it is appended. {@link #fill} appends what fits and goes on
 * where it stopped, because a small segment size makes more packets than a batch has slots:
 *
 * <pre>{@code
 * if (segmenter.begin(length) == Segmenter.Verdict.OK) {
 *   while (!segmenter.fill(batch)) {
 *     listener.onPackets(batch);
 *     batch.clear();
 *   }
 * }
 * }</pre>
 *
 * <p>Payload goes from where the kernel wrote it straight into its slot. Nothing is allocated. Not thread-safe.
 */
public final class Segmenter {
  /** The bytes that the kernel wrote: a virtio header, then a packet. */
  @FunctionalInterface
  public interface Source {
    void copyOut(int offset, byte[] target, int to, int length);
  }

  /** Whether a read can be segmented, and if not, why. */
  public enum Verdict {
    OK,
    /** Too few bytes for the virtio header and an IP header. */
    TRUNCATED,
    /** Neither a plain packet nor TCP nor UDP segments; old UDP fragmentation is not among what we offer. */
    UNKNOWN_GSO_TYPE,
    /** Segments without payload. */
    ZERO_GSO_SIZE,
    /** The checksum's start or place is beyond the packet, or not where the type's transport header has it. */
    BAD_CHECKSUM_PLACE,
    /** IP or transport header do not belong to the type, or have lengths that cannot be. */
    BAD_HEADER
  }

  /** Longest IP and transport headers of a packet to segment; in practice 60 + 60 for IPv4. */
  private static final int MAX_HEADERS = 512;

  private static final int PACKET = VirtioNetHeader.LENGTH;

  private final Source source;

  /** The start of what was read: the virtio header and all other headers. */
  private final byte[] head = new byte[PACKET + MAX_HEADERS];

  private int gsoType;
  private int gsoSize;
  private boolean needsChecksum;

  /** Where the transport header begins, counted from the IP header like all that follows. */
  private int transport;

  /** Where the payload begins. */
  private int headers;

  private int length;

  /** Where the next segment's payload begins. */
  private int position;

  private boolean isDone = true;

  /** The IPv4 header's sum without its total length and identification. */
  private int v4Sum;

  /** The pseudo-header's sum without the length. */
  private int pseudoSum;

  public Segmenter(Source source) {
    this.source = source;
  }

  /**
   * Judges what was read and, if it is well-formed, readies it for {@link #fill}. It must stay where it is until then.
   *
   * @param read bytes read: the virtio header and the packet
   */
  public Verdict begin(int read) {
    isDone = true;
    length = read - PACKET;
    if (length < Layout.V4_HEADER) {
      return Verdict.TRUNCATED;
    }
    source.copyOut(0, head, 0, Math.min(read, head.length));
    gsoType = VirtioNetHeader.gsoType(head, 0);
    gsoSize = VirtioNetHeader.gsoSize(head, 0);
    needsChecksum = VirtioNetHeader.needsChecksum(head, 0);
    Verdict verdict = gsoType == VirtioNetHeader.GSO_NONE ? beginPlain() : beginSuper();
    isDone = verdict != Verdict.OK;
    return verdict;
  }

  private Verdict beginPlain() {
    transport = VirtioNetHeader.checksumStart(head, 0);
    boolean isInside = transport + VirtioNetHeader.checksumOffset(head, 0) + 2 <= length;
    return needsChecksum && !isInside ? Verdict.BAD_CHECKSUM_PLACE : Verdict.OK;
  }

  private Verdict beginSuper() {
    boolean isTcp = gsoType == VirtioNetHeader.GSO_TCPV4 || gsoType == VirtioNetHeader.GSO_TCPV6;
    if (!isTcp && gsoType != VirtioNetHeader.GSO_UDP_L4) {
      return Verdict.UNKNOWN_GSO_TYPE;
    }
    if (gsoSize == 0) {
      return Verdict.ZERO_GSO_SIZE;
    }
    if (needsChecksum && VirtioNetHeader.checksumOffset(head, 0) != checksumOffset()) {
      return Verdict.BAD_CHECKSUM_PLACE;
    }
    if (!findTransport() || !findPayload()) {
      return Verdict.BAD_HEADER;
    }
    prepareSums();
    position = headers;
    return Verdict.OK;
  }

  /** Returns true if what was read last stands for UDP datagrams. */
  public boolean isUdp() {
    return gsoType == VirtioNetHeader.GSO_UDP_L4;
  }

  private int checksumOffset() {
    return isUdp() ? Layout.UDP_CHECKSUM : Layout.TCP_CHECKSUM;
  }

  private int protocol() {
    return isUdp() ? Layout.UDP : Layout.TCP;
  }

  private boolean isV6() {
    return Layout.isV6(head, PACKET);
  }

  /** False if the IP header is not one that the type has. */
  private boolean findTransport() {
    return switch (Layout.version(head, PACKET)) {
      case 4 -> gsoType != VirtioNetHeader.GSO_TCPV6 && findTransportV4();
      case 6 -> gsoType != VirtioNetHeader.GSO_TCPV4 && findTransportV6();
      default -> false;
    };
  }

  private boolean findTransportV4() {
    transport = Layout.v4HeaderLength(head, PACKET);
    return transport >= Layout.V4_HEADER
        && (!needsChecksum || VirtioNetHeader.checksumStart(head, 0) == transport)
        && head[PACKET + Layout.V4_PROTOCOL] == protocol();
  }

  /** The kernel, which put the extension headers there, says where they end. */
  private boolean findTransportV6() {
    transport = needsChecksum ? VirtioNetHeader.checksumStart(head, 0) : Layout.V6_HEADER;
    boolean isFirst = head[PACKET + Layout.V6_NEXT_HEADER] == protocol();
    return transport == Layout.V6_HEADER ? isFirst : transport > Layout.V6_HEADER;
  }

  /** False if the transport header is not within the packet, or longer than there is room for. */
  private boolean findPayload() {
    int end = Math.min(length, MAX_HEADERS);
    int least = isUdp() ? Layout.UDP_HEADER : Layout.TCP_HEADER;
    if (transport + least > end) {
      return false;
    }
    int own = isUdp() ? least : Layout.tcpHeaderLength(head, PACKET + transport);
    headers = transport + own;
    return own >= least && headers <= end;
  }

  private void prepareSums() {
    int field = PACKET + transport + checksumOffset();
    // The kernel's sum is right even where a routing header hides the final destination. It includes the length.
    pseudoSum =
        needsChecksum
            ? NetworkOrder.getShort(head, field) + (~(length - transport) & 0xffff)
            : Layout.pseudoHeaderSum(head, PACKET, protocol(), 0);
    NetworkOrder.putShort(head, field, 0);
    if (!isV6()) {
      NetworkOrder.putShort(head, PACKET + Layout.V4_CHECKSUM, 0);
      v4Sum =
          Checksum.sum(head, PACKET, transport)
              + (~NetworkOrder.getShort(head, PACKET + Layout.V4_TOTAL_LENGTH) & 0xffff)
              + (~NetworkOrder.getShort(head, PACKET + Layout.V4_ID) & 0xffff);
    }
  }

  /**
   * Appends as many packets as fit.
   *
   * @return true if none is left; else the batch is full and wants to be emptied before the next call
   */
  public boolean fill(Batch batch) {
    while (!isDone) {
      int payload = Math.min(gsoSize, length - position);
      int next = gsoType == VirtioNetHeader.GSO_NONE ? length : headers + payload;
      if (!batch.hasRoom(next) && !batch.isEmpty()) {
        return false;
      }
      int at = batch.append(next);
      if (gsoType == VirtioNetHeader.GSO_NONE) {
        writePlain(batch.bytes(), at);
      } else {
        writeSegment(batch.bytes(), at, payload);
      }
    }
    return true;
  }

  private void writePlain(byte[] bytes, int at) {
    source.copyOut(PACKET, bytes, at, length);
    if (needsChecksum) {
      int from = at + transport;
      int checksum = Checksum.finish(Checksum.sum(bytes, from, length - transport));
      NetworkOrder.putShort(bytes, from + VirtioNetHeader.checksumOffset(head, 0), notZero(checksum));
    }
    isDone = true;
  }

  /** To UDP, zero says that there is no checksum (RFC 768); to all others, the two zeros are the same. */
  private static int notZero(int checksum) {
    return checksum == 0 ? 0xffff : checksum;
  }

  private void writeSegment(byte[] bytes, int at, int payload) {
    System.arraycopy(head, PACKET, bytes, at, headers);
    source.copyOut(PACKET + position, bytes, at + headers, payload);
    if (isV6()) {
      NetworkOrder.putShort(bytes, at + Layout.V6_PAYLOAD_LENGTH, headers + payload - Layout.V6_HEADER);
    } else {
      writeV4(bytes, at, headers + payload);
    }
    int from = at + transport;
    int covered = headers - transport + payload;
    if (isUdp()) {
      NetworkOrder.putShort(bytes, from + Layout.UDP_LENGTH, covered);
      int checksum = Checksum.finish(pseudoSum + covered + Checksum.sum(bytes, from, covered));
      NetworkOrder.putShort(bytes, from + Layout.UDP_CHECKSUM, notZero(checksum));
    } else {
      writeTcp(bytes, from, payload);
      int checksum = Checksum.finish(pseudoSum + covered + Checksum.sum(bytes, from, covered));
      NetworkOrder.putShort(bytes, from + Layout.TCP_CHECKSUM, checksum);
    }
    position += payload;
    isDone = position >= length;
  }

  private void writeV4(byte[] bytes, int at, int total) {
    int index = (position - headers) / gsoSize;
    int id = (NetworkOrder.getShort(bytes, at + Layout.V4_ID) + index) & 0xffff;
    NetworkOrder.putShort(bytes, at + Layout.V4_TOTAL_LENGTH, total);
    NetworkOrder.putShort(bytes, at + Layout.V4_ID, id);
    NetworkOrder.putShort(bytes, at + Layout.V4_CHECKSUM, Checksum.finish(v4Sum + total + id));
  }

  /** A flag that is said once stays where it was meant: the window was reduced before the first, the last ends. */
  private void writeTcp(byte[] bytes, int from, int payload) {
    int sent = position - headers;
    int flags = bytes[from + Layout.TCP_FLAGS];
    if (sent > 0) {
      flags &= ~Layout.CWR;
    }
    if (position + payload < length) {
      flags &= ~(Layout.FIN | Layout.PSH);
    }
    bytes[from + Layout.TCP_FLAGS] = (byte) flags;
    int first = NetworkOrder.getInt(bytes, from + Layout.TCP_SEQUENCE);
    NetworkOrder.putInt(bytes, from + Layout.TCP_SEQUENCE, first + sent);
  }
}
