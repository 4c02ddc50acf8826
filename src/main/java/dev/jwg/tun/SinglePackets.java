package dev.jwg.tun;

import dev.jwg.linux.Libc;
import dev.jwg.linux.NativeMemory;
import dev.jwg.net.Batch;

/** Each system call passes one packet. */
final class SinglePackets implements PacketIo {
  private final int fd;
  private final Refusals refusals;
  private final NativeMemory readBuffer = new NativeMemory(Batch.MAX_LENGTH);
  private final NativeMemory writeBuffer = new NativeMemory(Batch.MAX_LENGTH);

  SinglePackets(int fd, Refusals refusals) {
    this.fd = fd;
    this.refusals = refusals;
  }

  @Override
  public int read(Batch batch, Tun.PacketListener listener) {
    int length = (int) Libc.read(fd, readBuffer.address(0), Batch.MAX_LENGTH);
    if (length < 0) {
      return Libc.errno();
    }
    readBuffer.copyOut(0, batch.bytes(), batch.append(length), length);
    return 0;
  }

  @Override
  public void write(Batch packets, int from, int to) {
    for (int slot = from; slot < to; slot++) {
      int length = packets.length(slot);
      writeBuffer.copyIn(0, packets.bytes(), packets.offset(slot), length);
      if (Libc.write(fd, writeBuffer.address(0), length) < 0) {
        refusals.onRefused(1, Libc.errno());
      }
    }
  }
}
