package dev.jwg.device;

import dev.jwg.net.IpAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the ways to one peer. Control thread. */
final class PeerPath {
  /** In place of an interface: the address is new. */
  static final int UNKNOWN = 0;

  /** A host seldom has more addresses that one peer calls; the eldest is forgotten. */
  private static final int MAX_SOURCES = 8;

  private @Nullable IpAddress remote;
  private Map<IpAddress, Integer> exits = Map.of(); // most peers never need one
  private int exit;
  private boolean isCutOff;

  /** Forgets what was known of another remote address. */
  void towards(IpAddress address) {
    if (!address.equals(remote)) {
      remote = address;
      exits = Map.of();
    }
  }

  /**
   * Local addresses of datagrams to the peer, each with the interface that they left by when the address was learnt.
   * Changes to it are for {@link #exit(IpAddress, int)} alone.
   */
  Map<IpAddress, Integer> exits() {
    return Map.copyOf(exits);
  }

  /** Notes the interface that datagrams from an address leave by. */
  void exit(IpAddress source, int interfaceIndex) {
    if (exits.isEmpty()) {
      exits = new LinkedHashMap<>(2);
    }
    exits.put(source, interfaceIndex);
    if (exits.size() > MAX_SOURCES) {
      exits.remove(exits.keySet().iterator().next());
    }
  }

  /** The interface that datagrams leave by now, as far as it is known; else 0. */
  int exit() {
    return exit;
  }

  void exit(int interfaceIndex) {
    exit = interfaceIndex;
  }

  /**
   * Notes whether there is a way at all.
   *
   * @return true if there was one until now
   */
  boolean cutOff(boolean whether) {
    boolean before = isCutOff;
    isCutOff = whether;
    return whether && !before;
  }
}
