package dev.jwg.session;

import dev.jwg.crypto.TransportCipher;
import dev.jwg.net.Batch;
import dev.jwg.noise.TransportKeys;
import dev.jwg.protocol.Limits;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import dev.jwg.protocol.TransportData;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pair of transport keys with its counters: what one handshake yields (whitepaper section 5.4.5).
 *
 * <p>The data shards seal and open at one time, each with batches of its own: the counters are atomic, the replay window
 * is entered by one at a time, and what the ciphers write to is each thread's own. No thread may zero a key that another
 * is using, hence {@link #wipe} and {@link #erase}.
 */
public final class Session {

  /** What became of a message given to {@link #open}. */
  public enum Opened {
    OK,
    /** Older than the session may be used, or a counter beyond the last allowed. */
    EXPIRED,
    BAD_TAG,
    REPLAYED
  }

  private final int localIndex;
  private final int remoteIndex;
  private final boolean initiator;
  private final long createdAtNs;
  private final SessionLimits limits;
  private final TransportCipher sendCipher;
  private final TransportCipher receiveCipher;
  private final AtomicLong nextCounter;
  private final ReplayWindow window = new ReplayWindow();
  private volatile boolean sendingExpired;

  /** A session whose keys are copied; the caller erases its own. */
  public Session(
      TransportKeys keys, int localIndex, int remoteIndex, boolean initiator, long createdAtNs, SessionLimits limits) {
    this(keys, localIndex, remoteIndex, initiator, createdAtNs, limits, 0);
  }

  /** A session that has already sent {@code firstCounter} messages: for tests of the message limits. */
  Session(
      TransportKeys keys,
      int localIndex,
      int remoteIndex,
      boolean initiator,
      long createdAtNs,
      SessionLimits limits,
      long firstCounter) {
    this.localIndex = localIndex;
    this.remoteIndex = remoteIndex;
    this.initiator = initiator;
    this.createdAtNs = createdAtNs;
    this.limits = limits;
    this.sendCipher = TransportCipher.of(keys.send());
    this.receiveCipher = TransportCipher.of(keys.receive());
    this.nextCounter = new AtomicLong(firstCounter);
  }

  /** The index that the peer writes as receiver. */
  public int localIndex() {
    return localIndex;
  }

  public boolean isInitiator() {
    return initiator;
  }

  /** True while the session is young enough and has counters left to send with. */
  public boolean canSend(long nowNs) {
    return !sendingExpired
        && nowNs - createdAtNs < limits.rejectAfterTimeNs()
        && Long.compareUnsigned(nextCounter.get(), Limits.REJECT_AFTER_MESSAGES) < 0;
  }

  /** Ends sending; messages of the peer are still opened. A change of the private key does this. */
  public void expireSending() {
    sendingExpired = true;
  }

  /** True when a sender should ask for a new session: the initiator by age, either side by messages sent. */
  public boolean wantsRekeyOnSend(long nowNs) {
    return Long.compareUnsigned(nextCounter.get(), limits.rekeyAfterMessages()) > 0
        || (initiator && nowNs - createdAtNs >= limits.rekeyAfterTimeNs());
  }

  /** True when the initiator, receiving, should ask for a new session lest this one expire unnoticed. */
  public boolean wantsRekeyOnReceive(long nowNs) {
    return initiator && nowNs - createdAtNs >= limits.rekeyOnReceiveAfterNs();
  }

  /**
   * Turns the inner packets of slots {@code from} to {@code to} (exclusive), padding included, into transport data
   * messages, in place.
   *
   * @return the slot behind the last one sealed: before {@code to} if the counters are used up
   */
  public int seal(Batch batch, int from, int to) {
    long counter = nextCounter.getAndAdd(to - from);
    boolean usedUp = Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0;
    long left = usedUp ? 0 : Limits.REJECT_AFTER_MESSAGES - counter;
    int sealedTo = to;
    if (Long.compareUnsigned(left, to - from) < 0) {
      nextCounter.set(Limits.REJECT_AFTER_MESSAGES); // so that no number of further calls wraps around to 0
      sealedTo = from + (int) left;
    }
    sendCipher.seal(batch.bytes(), batch.offsets(), batch.lengths(), from, sealedTo, counter);
    for (int slot = from; slot < sealedTo; slot++) {
      addHeader(batch, slot, counter + (slot - from));
    }
    return sealedTo;
  }

  private void addHeader(Batch batch, int slot, long counter) {
    byte[] bytes = batch.bytes();
    int message = batch.offset(slot) - TransportData.HEADER_LENGTH;
    LittleEndian.putInt(bytes, message, MessageType.TRANSPORT_DATA.code());
    LittleEndian.putInt(bytes, message + TransportData.RECEIVER, remoteIndex);
    LittleEndian.putLong(bytes, message + TransportData.COUNTER, counter);
    batch.bounds(slot, message, TransportData.HEADER_LENGTH + batch.length(slot) + TransportData.TAG_LENGTH);
  }

  /**
   * Turns the transport data messages of slots {@code from} to {@code to} (exclusive) into their padded inner packets, in
   * place, where they are genuine and new; {@code verdicts} says of each what became of it. The others keep their bounds.
   */
  public void open(Batch batch, int from, int to, long nowNs, Verdicts verdicts) {
    verdicts.begin(batch.capacity());
    if (nowNs - createdAtNs >= limits.rejectAfterTimeNs()) {
      verdicts.fill(from, to, Opened.EXPIRED);
      return;
    }
    for (int slot = from; slot < to; slot++) {
      verdicts.counters[slot] =
          LittleEndian.getLong(batch.bytes(), batch.offset(slot) + TransportData.COUNTER);
      batch.bounds(
          slot,
          batch.offset(slot) + TransportData.HEADER_LENGTH,
          batch.length(slot) - TransportData.HEADER_LENGTH);
    }
    receiveCipher.open(
        batch.bytes(), batch.offsets(), batch.lengths(), verdicts.counters, from, to, verdicts.genuine);
    judge(from, to, verdicts);
    for (int slot = from; slot < to; slot++) {
      int sealed = batch.offset(slot);
      int length = batch.length(slot);
      if (verdicts.opened[slot] == Opened.OK) {
        batch.bounds(slot, sealed, length - TransportData.TAG_LENGTH);
      } else {
        batch.bounds(slot, sealed - TransportData.HEADER_LENGTH, length + TransportData.HEADER_LENGTH);
      }
    }
  }

  private void judge(int from, int to, Verdicts verdicts) {
    window.enter();
    try {
      for (int slot = from; slot < to; slot++) {
        verdicts.opened[slot] = judge(verdicts.counters[slot], verdicts.genuine[slot]);
      }
    } finally {
      window.leave();
    }
  }

  private Opened judge(long counter, boolean genuine) {
    if (Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0) {
      return Opened.EXPIRED;
    }
    if (!genuine) {
      return Opened.BAD_TAG;
    }
    return window.accept(counter) ? Opened.OK : Opened.REPLAYED;
  }

  /** Zeroes what the calling shard's work with the keys has left. After the session left its slot. */
  public void wipe() {
    sendCipher.wipe();
    receiveCipher.wipe();
  }

  /** Zeroes both keys, and wipes: on the last shard that gets to it after the session left its slot. */
  public void erase() {
    sendingExpired = true;
    sendCipher.erase();
    receiveCipher.erase();
  }

  /** Indices only; never keys. */
  @Override
  public String toString() {
    return "Session(" + Integer.toHexString(localIndex) + "→" + Integer.toHexString(remoteIndex) + ")";
  }
}
