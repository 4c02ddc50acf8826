package dev.jwg.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The fields are read by the recorder. */
@Name("jwg.Drops")
@Label("Drops")
@Category("jwg")
@Description("Packets, datagrams and handshake messages dropped for one reason since the last event of this kind")
@Period("1 s")
@StackTrace(false)
final class DropEvent extends Event {
  @Label("Reason")
  @Nullable String reason;

  @Label("Count")
  long count;

  static void record(String reason, long count) {
    DropEvent event = new DropEvent();
    event.reason = reason;
    event.count = count;
    event.commit();
  }
}
