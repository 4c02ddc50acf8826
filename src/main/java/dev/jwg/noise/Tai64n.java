package dev.jwg.noise;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * A TAI64N label (whitepaper section 5.1): what makes a replayed initiation worthless.
 *
 * @param seconds unsigned; 2^62 plus the TAI seconds since 1970
 * @param nanoseconds unsigned
 */
public record Tai64n(long seconds, int nanoseconds) {
  public static final int LENGTH = 12;

  /** 2^62, and the ten seconds that TAI was ahead of UTC in 1970; later leap seconds do not matter for an order. */
  private static final long EPOCH = (1L << 62) + 10;

  /** Kernel noise.c blurs the label, so that it is no oracle of our clock: here the low 24 bits, 17 ms, are zero. */
  private static final int NANOSECONDS_SENT = ~0xff_ffff;

  private static final int NANOSECONDS_PER_SECOND = 1_000_000_000;

  public static Tai64n of(Instant time) {
    return new Tai64n(EPOCH + time.getEpochSecond(), time.getNano() & NANOSECONDS_SENT);
  }

  /** Reads 12 bytes; any value is a label, whoever sent it. */
  public static Tai64n read(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, LENGTH);
    return new Tai64n(buffer.getLong(), buffer.getInt());
  }

  public void write(byte[] bytes, int offset) {
    ByteBuffer.wrap(bytes, offset, LENGTH).putLong(seconds).putInt(nanoseconds);
  }

  /** The least label after this one that is blurred as the labels sent are. */
  public Tai64n next() {
    int following = (nanoseconds & NANOSECONDS_SENT) - NANOSECONDS_SENT;
    return following < NANOSECONDS_PER_SECOND ? new Tai64n(seconds, following) : new Tai64n(seconds + 1, 0);
  }

  /** Compares as the 12 bytes would compare. */
  public boolean isAfter(Tai64n other) {
    int bySeconds = Long.compareUnsigned(seconds, other.seconds);
    return bySeconds > 0 || (bySeconds == 0 && Integer.compareUnsigned(nanoseconds, other.nanoseconds) > 0);
  }
}
