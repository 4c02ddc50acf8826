package dev.jwg.offload;

import dev.jwg.net.Batch;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** What the coalescer would have written to the device. */
final class Writes implements Coalescer.Sink {
  private final List<byte[]> written = new ArrayList<>();
  private final ByteArrayOutputStream current = new ByteArrayOutputStream();

  @Override
  public void append(byte[] bytes, int offset, int length) {
    current.write(bytes, offset, length);
  }

  @Override
  public void end() {
    written.add(current.toByteArray());
    current.reset();
  }

  List<byte[]> written() {
    return written;
  }

  /** The writes for a run of packets, UDP merged too. */
  static List<byte[]> of(List<byte[]> packets) {
    return of(packets, new Coalescer(true));
  }

  static List<byte[]> of(List<byte[]> packets, Coalescer coalescer) {
    Batch batch = batch(packets);
    Writes writes = new Writes();
    coalescer.coalesce(batch, 0, batch.count(), writes);
    return writes.written;
  }

  static Batch batch(List<byte[]> packets) {
    Batch batch = new Batch(300_000, 64);
    for (byte[] packet : packets) {
      batch.append(packet, 0, packet.length);
    }
    return batch;
  }
}
