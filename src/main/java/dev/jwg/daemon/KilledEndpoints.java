package dev.jwg.daemon;

import dev.jwg.host.Dns;
import dev.jwg.host.Leftovers;
import dev.jwg.uapi.SocketFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Endpoints that ended without undoing what they did to the host, by {@code kill -9} for one. Every start, and
 * {@code jwg down}, removes what they left, whatever their names were.
 */
public final class KilledEndpoints {
  private static final Logger log = LoggerFactory.getLogger(KilledEndpoints.class);

  private KilledEndpoints() {}

  /** Tidies up at the start of the endpoint {@code name}, whose lock this process holds. */
  static void tidyUp(String name) {
    tidyUp(name, InstanceLock.defaultDirectory(), SocketFile.DIRECTORY);
  }

  /**
   * Removes what endpoints that were killed have left. What cannot be removed is logged.
   *
   * @param name an endpoint that is known not to be up
   * @return what was removed, which is logged too
   */
  public static List<String> tidyUp(String name, Path locks, Path sockets) {
    List<String> removed = new ArrayList<>();
    attempt(() -> removed.addAll(Leftovers.remove()));
    attempt(() -> removed.addAll(Dns.removeLeftovers(other -> !other.equals(name) && InstanceLock.isUp(locks, other))));
    attempt(() -> removed.addAll(removeSockets(name, locks, sockets)));
    if (!removed.isEmpty()) {
      log.warn("removed what a killed jwg had left: {}", String.join(", ", removed));
    }
    return removed;
  }

  /** Returns whether another endpoint is up. */
  static boolean isUp(String other) {
    return InstanceLock.isUp(InstanceLock.defaultDirectory(), other);
  }

  private interface Removal {
    void run() throws IOException;
  }

  private static void attempt(Removal removal) {
    try {
      removal.run();
    } catch (IOException e) {
      log.warn("could not remove all that a killed jwg had left: {}", e.getMessage());
    }
  }

  private static List<String> removeSockets(String name, Path locks, Path sockets) throws IOException {
    List<String> removed = new ArrayList<>();
    for (String other : InstanceLock.names(locks)) {
      boolean isUp = !other.equals(name) && InstanceLock.isUp(locks, other);
      if (!isUp && SocketFile.removeStale(sockets, other)) {
        removed.add(SocketFile.path(sockets, other).toString());
      }
    }
    return removed;
  }
}
