package dev.jwg.tun;

import dev.jwg.linux.Errno;
import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Batch;
import dev.jwg.offload.Coalescer;
import dev.jwg.offload.Segmenter;
import dev.jwg.offload.VirtioNetHeader;

/** Each system call passes one packet, or one that stands for many of its flow, behind a header that says which. */
final class SuperPackets implements PacketIo {
  private static final int BUFFER_SIZE = VirtioNetHeader.LENGTH + Batch.MAX_LENGTH;

  private static final int SINGLES = 64;

  private final int fd;
  private final Merging merging;
  private final Refusals refusals;
  private final NativeMemory readBuffer = new NativeMemory(BUFFER_SIZE);
  private final Segmenter segmenter = new Segmenter(readBuffer::copyOut);
  private final Coalescer coalescer;
  private final Writes writes = new Writes();

  /** Packets of a device whose offload is on. */
  SuperPackets(int fd, Merging merging, Refusals refusals) {
    this.fd = fd;
    this.merging = merging;
    this.refusals = refusals;
    coalescer = new Coalescer(merging.mergesUdp());
  }

  @Override
  public int read(Batch batch, Tun.PacketListener listener) {
    int length = (int) Libc.read(fd, readBuffer.address(0), BUFFER_SIZE);
    if (length < 0) {
      return Libc.errno();
    }
    if (segmenter.begin(length) != Segmenter.Verdict.OK) {
      return Errno.EPROTO.number();
    }
    while (!segmenter.fill(batch)) {
      listener.onPackets(batch);
      batch.clear();
    }
    return 0;
  }

  @Override
  public void write(Batch packets, int from, int to) {
    coalescer.merge(merging.mergesTcp(), merging.mergesUdp());
    coalescer.coalesce(packets, from, to, writes);
  }

  /** Gathers a packet's pieces where the kernel reads them. */
  private final class Writes implements Coalescer.Sink {
    private final NativeMemory buffer = new NativeMemory(BUFFER_SIZE);
    private final NativeMemory single = new NativeMemory(BUFFER_SIZE);
    private final Batch singles = new Batch(Batch.capacityFor(SINGLES, 2 * Batch.MAX_LENGTH), SINGLES);
    private final Segmenter cutter = new Segmenter(buffer::copyOut);
    private int filled;
    private int packets;

    @Override
    public void append(byte[] bytes, int from, int length) {
      buffer.copyIn(filled, bytes, from, length);
      filled += length;
      packets++; // each has its piece
    }

    @Override
    public void end() {
      int error = write(filled);
      if (packets > 1) {
        if (error == 0) {
          merging.taken();
        } else {
          writeSingly(error);
        }
      } else if (error != 0) {
        refusals.onRefused(1, error);
      }
      filled = 0;
      packets = 0;
    }

    private int write(int length) {
      return Libc.write(fd, buffer.address(0), length) < 0 ? Libc.errno() : 0;
    }

    /** Writes what the kernel refused together packet by packet, which tells a refused offload from a plain refusal. */
    private void writeSingly(int refusal) {
      if (cutter.begin(filled) != Segmenter.Verdict.OK) {
        refusals.onRefused(packets, refusal);
        return;
      }
      boolean allTaken = true;
      boolean isDone = false;
      // The pieces are cut out of the buffer that holds the merged packet, so each is written from another one.
      while (!isDone) {
        singles.clear();
        isDone = cutter.fill(singles);
        for (int slot = 0; slot < singles.count(); slot++) {
          allTaken &= writeSingle(slot);
        }
      }
      if (allTaken) {
        merging.refused(cutter.isUdp(), refusal);
      }
    }

    private boolean writeSingle(int slot) {
      int start = singles.offset(slot) - VirtioNetHeader.LENGTH;
      int length = VirtioNetHeader.LENGTH + singles.length(slot);
      VirtioNetHeader.writePlain(singles.bytes(), start);
      single.copyIn(0, singles.bytes(), start, length);
      if (Libc.write(fd, single.address(0), length) < 0) {
        refusals.onRefused(1, Libc.errno());
        return false;
      }
      return true;
    }
  }
}
