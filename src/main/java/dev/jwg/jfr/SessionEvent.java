package dev.jwg.jfr;

import dev.jwg.crypto.PublicKey;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The fields are read by the recorder. */
@Name("jwg.Session")
@Label("Session")
@Category("jwg")
@Description("A session with a peer was installed")
@StackTrace(false)
final class SessionEvent extends Event {
  @Label("Peer")
  @Nullable String peer;

  @Label("Role")
  @Nullable String role;

  @Label("Rekey")
  boolean rekey;

  static void record(PublicKey peer, String role, boolean rekey) {
    SessionEvent event = new SessionEvent();
    if (event.shouldCommit()) {
      event.peer = peer.toBase64();
      event.role = role;
      event.rekey = rekey;
      event.commit();
    }
  }
}
