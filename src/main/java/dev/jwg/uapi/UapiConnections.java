package dev.jwg.uapi;

import io.netty.channel.Channel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The open connections, the longest idle first; on the event loop only. */
final class UapiConnections {
  /** More than any set of tools needs, far less than the files a process may open. */
  static final int MAX_CONNECTIONS = 512;

  private final Set<Channel> byIdleness = new LinkedHashSet<>();

  /** A new connection, or progress on one. Closes the longest idle one if there are too many. */
  void active(Channel channel) {
    byIdleness.remove(channel);
    byIdleness.add(channel);
    if (byIdleness.size() > MAX_CONNECTIONS) {
      var unused = byIdleness.iterator().next().close();
    }
  }

  void closed(Channel channel) {
    byIdleness.remove(channel);
  }

  void closeAll() {
    for (Channel channel : List.copyOf(byIdleness)) { // a copy: each one that closes leaves the set
      var unused = channel.close();
    }
  }
}
