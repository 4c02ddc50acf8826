package dev.jwg.jfr;

import dev.jwg.crypto.PublicKey;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What is told to the flight recorder. From any thread.
 *
 * <p>The events have classes of their own and are named in none of these signatures, so that a runtime without jdk.jfr
 * never loads them.
 */
public final class FlightRecord {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecord() {}

  /**
   * A handshake came to its end.
   *
   * @param role who we were in it
   * @param tookNs since its first message that we sent or took
   */
  public static void handshake(PublicKey peer, Enum<?> role, String outcome, long tookNs) {
    if (PRESENT) {
      HandshakeEvent.record(peer, role.name(), outcome, tookNs);
    }
  }

  /**
   * A new session is there, confirmed or not.
   *
   * @param rekey true if it follows another
   */
  public static void session(PublicKey peer, Enum<?> role, boolean rekey) {
    if (PRESENT) {
      SessionEvent.record(peer, role.name(), rekey);
    }
  }

  /**
   * Tells, period by period while a recording wants it, by how much counts of drops have grown.
   *
   * @param totals the counts, by reason
   * @return ends it
   */
  public static Runnable drops(Supplier<Map<String, Long>> totals) {
    return PRESENT ? DropRecord.begin(totals) : () -> {};
  }
}
