package dev.jwg.tun;

import dev.jwg.net.Batch;

/** How packets pass through a TUN device's descriptor. Not thread-safe. */
interface PacketIo {
  /** Hears of packets that the kernel did not take. */
  interface Refusals {
    void onRefused(int packets, int error);
  }

  /**
   * Reads once, and appends what that brought to a batch that has room for a packet of the greatest length. The batch is
   * handed to the listener in between if there is more than it has room for.
   *
   * @return 0, or the error number
   */
  int read(Batch batch, Tun.PacketListener listener);

  /** Writes the packets of slots {@code from} to {@code to} (exclusive). */
  void write(Batch packets, int from, int to);
}
