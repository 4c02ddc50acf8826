package dev.jwg.offload;

import dev.jwg.net.Batch;

/**
 * Receive direction: makes of a run of packets as few as can be, each to be written to a TUN device with IFF_VNET_HDR.
 * The kernel, or {@link Segmenter}, makes the same packets of them again, in each flow in the same order.
 *
 * <p>Consecutive TCP segments of a flow become one packet, and UDP datagrams of one size where the device takes such.
 * What cannot be merged passes untouched, after what its flow has gathered. A flow gathers slots, not bytes: the only
 * copy is the one that the sink makes to where the kernel reads from. Nothing is allocated, but once for a batch with more
 * slots than all before. Not thread-safe.
 */
public final class Coalescer {
  /** Flows gathered at once; when another appears, the oldest is written. The search is linear: a run has few flows. */
  static final int MAX_FLOWS = 16;

  /** Takes packets, each with its virtio header in front, piece by piece. */
  public interface Sink {
    /** Some more bytes of the packet under way; the first piece contains all headers. */
    void append(byte[] bytes, int offset, int length);

    /** The packet is complete. */
    void end();
  }

  private boolean mergesTcp = true;
  private boolean mergesUdp;

  /** The open flows in the order of their first packets, then the free ones. */
  private final Flow[] flows = new Flow[MAX_FLOWS];

  private int open;

  /** For each slot gathered but the last of its flow: the next one. */
  private int[] next = new int[0];

  private Segment segment = new Segment();

  /**
   * Coalesces runs of packets.
   *
   * @param mergesUdp true if the device took TUN_F_USO4 and TUN_F_USO6
   */
  public Coalescer(boolean mergesUdp) {
    this.mergesUdp = mergesUdp;
    for (int i = 0; i < MAX_FLOWS; i++) {
      flows[i] = new Flow();
    }
  }

  /** Sets which packets are merged from the next run on: a kernel may refuse what it took at first. */
  public void merge(boolean tcp, boolean udp) {
    mergesTcp = tcp;
    mergesUdp = udp;
  }

  /**
   * Hands on the packets of slots {@code from} to {@code to} (exclusive). Each fills its slot's bounds exactly. The
   * {@link VirtioNetHeader#LENGTH} bytes before it are overwritten and, where it is merged, its headers.
   */
  public void coalesce(Batch batch, int from, int to, Sink sink) {
    if (next.length < batch.capacity()) {
      next = new int[batch.capacity()];
    }
    for (int slot = from; slot < to; slot++) {
      Segment.Kind kind = segment.read(batch.bytes(), batch.offset(slot), batch.length(slot));
      if (kind == Segment.Kind.OPAQUE) {
        writeAll(batch, sink);
        writeAlone(segment, sink);
      } else {
        boolean isMergeable = kind == Segment.Kind.MERGEABLE && (segment.isUdp() ? mergesUdp : mergesTcp);
        take(batch, slot, isMergeable, sink);
      }
    }
    writeAll(batch, sink);
  }

  private void take(Batch batch, int slot, boolean isMergeable, Sink sink) {
    int found = find();
    if (found >= 0) {
      Flow flow = flows[found];
      if (isMergeable && flow.continuesWith(segment)) {
        next[flow.lastSlot()] = slot;
        if (flow.append(segment, slot)) {
          close(found, batch, sink);
        }
        return;
      }
      close(found, batch, sink);
    }
    if (!isMergeable || segment.isPushed()) {
      writeAlone(segment, sink);
      return;
    }
    if (open == MAX_FLOWS) {
      close(0, batch, sink);
    }
    segment = flows[open++].open(segment, slot);
  }

  /** The open flow that the segment belongs to, or -1. */
  private int find() {
    for (int i = 0; i < open; i++) {
      if (flows[i].isOf(segment)) {
        return i;
      }
    }
    return -1;
  }

  private void close(int index, Batch batch, Sink sink) {
    Flow flow = flows[index];
    write(flow, batch, sink);
    open--;
    System.arraycopy(flows, index + 1, flows, index, open - index);
    flows[open] = flow;
  }

  private void writeAll(Batch batch, Sink sink) {
    for (int i = 0; i < open; i++) {
      write(flows[i], batch, sink);
    }
    open = 0;
  }

  private void write(Flow flow, Batch batch, Sink sink) {
    if (flow.isSingle()) {
      writeAlone(flow.first(), sink);
      return;
    }
    flow.finish();
    appendWithHeader(flow.first(), sink);
    int headers = flow.first().headersLength();
    int slot = flow.firstSlot();
    while (slot != flow.lastSlot()) {
      slot = next[slot];
      sink.append(batch.bytes(), batch.offset(slot) + headers, batch.length(slot) - headers);
    }
    sink.end();
  }

  private static void writeAlone(Segment packet, Sink sink) {
    VirtioNetHeader.writePlain(packet.bytes(), packet.offset() - VirtioNetHeader.LENGTH);
    appendWithHeader(packet, sink);
    sink.end();
  }

  private static void appendWithHeader(Segment packet, Sink sink) {
    sink.append(
        packet.bytes(), packet.offset() - VirtioNetHeader.LENGTH, VirtioNetHeader.LENGTH + packet.length());
  }
}
