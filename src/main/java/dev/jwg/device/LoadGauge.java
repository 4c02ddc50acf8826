package dev.jwg.device;

import dev.jwg.protocol.Limits;

/** Whether so many handshake messages wait that their senders must prove their addresses. Control thread. */
final class LoadGauge {
  private long lastLoadNs;

  LoadGauge(long nowNs) {
    lastLoadNs = nowNs - Limits.UNDER_LOAD_HOLD_NS;
  }

  /** Told of each message consumed, how many were waiting. */
  void queued(int messages, long nowNs) {
    if (messages >= Limits.UNDER_LOAD_AT) {
      lastLoadNs = nowNs;
    }
  }

  boolean isUnderLoad(long nowNs) {
    return nowNs - lastLoadNs < Limits.UNDER_LOAD_HOLD_NS;
  }
}
