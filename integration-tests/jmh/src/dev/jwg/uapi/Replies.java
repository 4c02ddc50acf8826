package dev.jwg.uapi;

import dev.jwg.device.DeviceState;

/** Opens the package's text to the benchmarks. */
public final class Replies {
  private Replies() {}

  /** Makes the whole reply to {@code get=1}, piece by piece as for the socket, and says how long it is. */
  public static long length(DeviceState state) {
    long length = 0;
    for (UapiReply reply = UapiReply.state(state, false, false); reply.hasNext(); ) {
      length += reply.next().length();
    }
    return length;
  }
}
