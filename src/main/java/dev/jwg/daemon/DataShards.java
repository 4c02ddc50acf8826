package dev.jwg.daemon;

import dev.jwg.linux.EpollLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that packets pass on. */
final class DataShards implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataShards.class);

  /** More are for whoever has measured that they help: a peer's packets mostly stay on one. */
  private static final int MAX_DEFAULT = 8;

  /** On two cores one shard measured best: the kernel's part of the work keeps the other busy. Three are one pair, too. */
  private static final int FEW_CORES = 3;

  private final Consumer<Throwable> onBug;
  private List<EpollLoop> loops = List.of();

  DataShards(Consumer<Throwable> onBug) {
    this.onBug = onBug;
  }

  /** How many serve a machine of so many cores best. */
  static int defaultFor(int cores) {
    return cores <= FEW_CORES ? 1 : Math.min(MAX_DEFAULT, cores / 2);
  }

  /** Starts so many. */
  List<EpollLoop> start(int count) {
    List<EpollLoop> started = new ArrayList<>();
    for (int shard = 0; shard < count; shard++) {
      started.add(new EpollLoop(count == 1 ? "jwg-data" : "jwg-data-" + shard, onBug));
    }
    loops = List.copyOf(started);
    log.info("packets pass on {} data {}", count, count == 1 ? "shard" : "shards");
    return loops;
  }

  /** Those started. */
  List<EpollLoop> loops() {
    return loops;
  }

  @Override
  public void close() {
    loops.forEach(EpollLoop::close);
  }
}
