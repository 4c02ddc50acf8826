package dev.jwg.it;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** As many racks as tests run at a time: each has the outer addresses, and the guests' only cards, for itself. */
final class Racks implements AutoCloseable {
  private final Deque<Rack> free = new ArrayDeque<>();
  private final List<Rack> all = new ArrayList<>();

  /** The one that was in use last, whose guests are most likely there already. */
  synchronized Rack take() {
    Rack last = free.pollFirst();
    if (last != null) {
      return last;
    }
    Rack fresh = new Rack();
    all.add(fresh);
    return fresh;
  }

  synchronized void giveBack(Rack rack) {
    free.addFirst(rack);
  }

  @Override
  public synchronized void close() {
    all.forEach(Rack::close);
  }
}
