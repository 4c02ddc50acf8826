package dev.jwg.session;

import dev.jwg.protocol.Limits;

/**
 * How long and for how many messages a session lives. Production knows {@link #WHITEPAPER} only; tests lower them to see
 * rekeying live.
 *
 * @param rekeyAfterMessages the initiator asks for a new session after as many messages sent
 * @param rekeyAfterTimeNs the initiator asks for a new session when it sends after this age
 * @param rejectAfterTimeNs neither side uses a session of this age
 */
public record SessionLimits(long rekeyAfterMessages, long rekeyAfterTimeNs, long rejectAfterTimeNs) {

  /** Whitepaper section 6.1. */
  public static final SessionLimits WHITEPAPER =
      new SessionLimits(Limits.REKEY_AFTER_MESSAGES, Limits.REKEY_AFTER_TIME_NS, Limits.REJECT_AFTER_TIME_NS);

  /** Age at which an initiator that receives data asks for a new session (whitepaper section 6.2). */
  public long rekeyOnReceiveAfterNs() {
    return rejectAfterTimeNs - Limits.KEEPALIVE_TIMEOUT_NS - Limits.REKEY_TIMEOUT_NS;
  }

  /** Time without a new session after which all key material is erased (whitepaper section 6.3). */
  public long eraseAfterNs() {
    return 3 * rejectAfterTimeNs;
  }
}
