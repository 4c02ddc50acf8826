package dev.jwg.crypto;

import dev.jwg.crypto.VectorChaCha20Poly1305.TransportKey;

/** Our own ChaCha20-Poly1305, which allocates nothing and is fast on every JDK. */
final class VectorTransportCipher implements TransportCipher {
  /** Its scratch space of 90 KB is for a thread, not for each of what may be many thousands of keys. */
  private static final ThreadLocal<VectorChaCha20Poly1305> ENGINE =
      ThreadLocal.withInitial(VectorChaCha20Poly1305::new);

  private final TransportKey key;

  VectorTransportCipher(byte[] key) {
    this.key = new TransportKey(key);
  }

  @Override
  public void seal(byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    ENGINE.get().seal(key, bytes, offsets, lengths, from, to, firstCounter);
  }

  @Override
  public void open(
      byte[] bytes, int[] offsets, int[] lengths, long[] counters, int from, int to, boolean[] genuine) {
    ENGINE.get().open(key, bytes, offsets, lengths, counters, from, to, genuine);
  }

  @Override
  public void erase() {
    key.erase();
    wipe();
  }

  @Override
  public void wipe() {
    ENGINE.get().wipe();
  }
}
