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
 * <p>Sealing and opening belong to the data shard's thread, and so does {@link #erase}: no thread may zero a key that
 * another is sealing with.
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
   * Turns the inner packet of a slot into a transport data message, in place.
   *
   * @param paddedLength length of the plaintext with its padding, at most 15 more than the slot's
   * @return false if the counters are used up
   */
  public boolean seal(Batch batch, int slot, int paddedLength) {
    long counter = nextCounter.getAndIncrement();
    if (Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0) {
      nextCounter.set(Limits.REJECT_AFTER_MESSAGES); // so that no number of further calls wraps around to 0
      return false;
    }
    byte[] bytes = batch.bytes();
    int offset = batch.offset(slot);
    for (int i = batch.length(slot); i < paddedLength; i++) {
      bytes[offset + i] = 0;
    }
    int message = offset - TransportData.HEADER_LENGTH;
    LittleEndian.putInt(bytes, message, MessageType.TRANSPORT_DATA.code());
    LittleEndian.putInt(bytes, message + TransportData.RECEIVER, remoteIndex);
    LittleEndian.putLong(bytes, message + TransportData.COUNTER, counter);
    sendCipher.seal(bytes, offset, paddedLength, counter);
    batch.bounds(slot, message, TransportData.HEADER_LENGTH + paddedLength + TransportData.TAG_LENGTH);
    return true;
  }

  /** Turns the transport data message of a slot into its padded inner packet, in place, if it is genuine and new. */
  public Opened open(Batch batch, int slot, long nowNs) {
    byte[] bytes = batch.bytes();
    int message = batch.offset(slot);
    long counter = LittleEndian.getLong(bytes, message + TransportData.COUNTER);
    if (nowNs - createdAtNs >= limits.rejectAfterTimeNs()
        || Long.compareUnsigned(counter, Limits.REJECT_AFTER_MESSAGES) >= 0) {
      return Opened.EXPIRED;
    }
    int sealedLength = batch.length(slot) - TransportData.HEADER_LENGTH;
    int sealed = message + TransportData.HEADER_LENGTH;
    if (!receiveCipher.open(bytes, sealed, sealedLength, counter)) {
      return Opened.BAD_TAG;
    }
    if (!window.accept(counter)) {
      return Opened.REPLAYED;
    }
    batch.bounds(slot, sealed, sealedLength - TransportData.TAG_LENGTH);
    return Opened.OK;
  }

  /** Zeroes both keys. On the shard's thread, after the session left its slot. */
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
