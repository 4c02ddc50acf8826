package dev.jwg.protocol;

import java.util.concurrent.TimeUnit;

/**
 * Every number that bounds a session, a handshake or a queue. Times are in nanoseconds. "Kernel" is the Linux module,
 * drivers/net/wireguard.
 */
public final class Limits {
  private Limits() {}

  /** Whitepaper section 6.1: the initiator rekeys after sending this many messages under one key. */
  public static final long REKEY_AFTER_MESSAGES = 1L << 60;

  /** Whitepaper section 6.1: 2^64 - 2^13 - 1, nothing is sent or accepted from here on. Compare unsigned. */
  public static final long REJECT_AFTER_MESSAGES = -(1L << 13) - 1;

  /** Whitepaper section 6.1: age at which the initiator of a session starts the next one when it sends. */
  public static final long REKEY_AFTER_TIME_NS = TimeUnit.SECONDS.toNanos(120);

  /** Whitepaper section 6.1: age at which a session neither sends nor receives. */
  public static final long REJECT_AFTER_TIME_NS = TimeUnit.SECONDS.toNanos(180);

  /** Whitepaper section 6.1: how long initiations are repeated before giving up. */
  public static final long REKEY_ATTEMPT_TIME_NS = TimeUnit.SECONDS.toNanos(90);

  /** Whitepaper section 6.1: least time between two initiations to a peer. */
  public static final long REKEY_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  /** Whitepaper section 6.1 asks for jitter; kernel messages.h: a third of a second. Exclusive bound of the jitter. */
  public static final long REKEY_TIMEOUT_JITTER_NS = TimeUnit.MILLISECONDS.toNanos(334);

  /** Whitepaper section 6.1: silence after received data that a keepalive ends. */
  public static final long KEEPALIVE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  /** Whitepaper section 5.4.7: life of the secret that cookies are made from. */
  public static final long COOKIE_SECRET_LIFE_NS = TimeUnit.SECONDS.toNanos(120);

  /** Kernel cookie.c: a sender stops using a cookie five seconds early, for the time it is on its way. */
  public static final long COOKIE_LIFE_NS = COOKIE_SECRET_LIFE_NS - TimeUnit.SECONDS.toNanos(5);

  /** Kernel messages.h: at most 50 initiations a second are consumed from one peer. */
  public static final long INITIATION_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Kernel messages.h: packets that wait for a session of their peer; beyond, the oldest are dropped. */
  public static final long STAGED_PACKETS = 128;

  /** Kernel messages.h: handshake messages that wait to be consumed; beyond, new ones are dropped. */
  public static final long HANDSHAKE_QUEUE = 4096;

  /** Kernel receive.c: an eighth of the queue filled is load, and messages must then carry a valid mac2. */
  public static final long UNDER_LOAD_AT = HANDSHAKE_QUEUE / 8;

  /** Kernel receive.c: load lasts this long after it was last seen. */
  public static final long UNDER_LOAD_HOLD_NS = TimeUnit.SECONDS.toNanos(1);

  /** Kernel ratelimiter.c: handshake messages a second from one source under load. */
  public static final long HANDSHAKES_PER_SECOND = 20;

  /** Kernel ratelimiter.c: how many of them may come at once. */
  public static final long HANDSHAKE_BURST = 5;

  /** Kernel ratelimiter.c: sources told apart at one time, on a machine with more than 1 GiB. */
  public static final long HANDSHAKE_SOURCES = 8192 * 8;
}
