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

  private final int fd;
  private final Refusals refusals;
  private final NativeMemory readBuffer = new NativeMemory(BUFFER_SIZE);
  private final Segmenter segmenter = new Segmenter(readBuffer::copyOut);
  private final Coalescer coalescer;
  private final Writes writes = new Writes();

  /** Packets of a device whose offload is on. */
  SuperPackets(int fd, TunOffload offload, Refusals refusals) {
    this.fd = fd;
    this.refusals = refusals;
    coalescer = new Coalescer(/* mergesUdp= */ offload == TunOffload.TCP_AND_UDP);
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
    coalescer.coalesce(packets, from, to, writes);
  }

  /** Gathers a packet's pieces where the kernel reads them. */
  private final class Writes implements Coalescer.Sink {
    private final NativeMemory buffer = new NativeMemory(BUFFER_SIZE);
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
      if (Libc.write(fd, buffer.address(0), filled) < 0) {
        refusals.onRefused(packets, Libc.errno());
      }
      filled = 0;
      packets = 0;
    }
  }
}
