package dev.jwg.jfr;

import dev.jwg.crypto.PublicKey;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** The fields are read by the recorder. */
@Name("jwg.Handshake")
@Label("Handshake")
@Category("jwg")
@Description("A WireGuard handshake was completed or failed")
@StackTrace(false)
final class HandshakeEvent extends Event {
  @Label("Peer")
  @Nullable String peer;

  @Label("Role")
  @Nullable String role;

  @Label("Outcome")
  @Nullable String outcome;

  @Label("Took")
  @Timespan(Timespan.NANOSECONDS)
  long took;

  static void record(PublicKey peer, String role, String outcome, long tookNs) {
    HandshakeEvent event = new HandshakeEvent();
    if (event.shouldCommit()) {
      event.peer = peer.toBase64();
      event.role = role;
      event.outcome = outcome;
      event.took = tookNs;
      event.commit();
    }
  }
}
