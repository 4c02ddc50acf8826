package dev.jwg.daemon;

import dev.jwg.host.Undo;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name by which an endpoint is found: that of its lock, its UAPI socket and its name servers. When the interface is
 * renamed, they follow, and the former name is free. The lock of the new name is taken first and that of the old one is
 * freed last, so that no other endpoint takes what is still here for leftovers.
 *
 * <p>Renames have a thread of their own, because they wait for an endpoint that is just giving up the new name.
 */
final class ClaimedName implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClaimedName.class);

  /** An endpoint whose interface was renamed or deleted gives up its name soon after. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

  private static final long POLL_MS = 10;
  private static final long END_SECONDS = 30;

  /** Something that has the name of the interface. */
  interface Follower {
    /** Takes the name; does nothing if it has it already. */
    void rename(String present) throws IOException;
  }

  private final Path directory;
  private final String configuration;

  /** One thread, present only while there is something to do. It ignores what comes after the close. */
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ClaimedName::newThread,
          new ThreadPoolExecutor.DiscardPolicy());

  private volatile String interfaceName;
  private volatile boolean isClosing;

  /** The names whose locks this process has or is about to take. */
  private volatile Set<String> held;

  // Guarded by this.
  private final List<Follower> followers = new ArrayList<>();
  private String claimed;
  private InstanceLock lock;

  private ClaimedName(Path directory, String name, String configuration, InstanceLock lock) {
    this.directory = directory;
    this.configuration = configuration;
    this.interfaceName = name;
    this.held = Set.of(name);
    this.claimed = name;
    this.lock = lock;
  }

  /**
   * Claims the name for this process. The undo releases it, after the close.
   *
   * @param directory of the locks
   * @param configuration absolute path of the file that brings the interface up, or empty
   * @throws IOException another endpoint has the name
   */
  static ClaimedName claim(Path directory, String name, String configuration, Undo undo) throws IOException {
    awaitRenamed(directory, name);
    InstanceLock lock = InstanceLock.acquire(directory, name, configuration);
    ClaimedName claim = new ClaimedName(directory, name, configuration, lock);
    undo.push("release the name " + name, claim::release);
    return claim;
  }

  /** Waits for an endpoint that holds the name but has no interface of that name. */
  private static void awaitRenamed(Path directory, String name) throws IOException {
    long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (InstanceLock.holder(directory, name).isPresent()
        && NetworkInterface.getByName(name) == null
        && deadlineNs - System.nanoTime() > 0) {
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "jwg-rename");
    thread.setDaemon(true);
    return thread;
  }

  /** Returns the name that is claimed now. */
  synchronized String claimed() {
    return claimed;
  }

  /**
   * Returns true for a name whose lock this process has or is about to take. Nobody in this process may look at that
   * lock, since the look would free it.
   */
  boolean holds(String name) {
    return held.contains(name);
  }

  /** Adds something that follows the name, in the order of the calls. It gets the present one at once. */
  synchronized void follow(Follower follower) throws IOException {
    follower.rename(claimed);
    followers.add(follower);
  }

  /** Says that the interface has been renamed. From any thread, does not wait. */
  void renamed(String present) {
    interfaceName = present;
    thread.execute(() -> claim(present));
  }

  /** Waits until all renames so far are done; for tests. */
  void awaitIdle() throws IOException {
    try {
      thread.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void claim(String present) {
    String former = claimed();
    if (present.equals(former)) {
      return;
    }
    held = Set.of(former, present);
    try {
      move(present, take(present));
    } catch (IOException refused) {
      if (!isClosing && interfaceName.equals(present)) {
        log.warn("{}: lock and UAPI socket keep the name {}: {}", present, former, refused.getMessage());
      }
    } finally {
      held = Set.of(claimed());
    }
  }

  /** Waits while another endpoint has the name and the interface has no newer name. */
  private InstanceLock take(String name) throws IOException {
    long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (true) {
      try {
        return InstanceLock.acquire(directory, name, configuration);
      } catch (IOException held) {
        if (isClosing || !interfaceName.equals(name) || deadlineNs - System.nanoTime() < 0) {
          throw held;
        }
      }
      pause();
    }
  }

  private synchronized void move(String present, InstanceLock taken) throws IOException {
    List<Follower> moved = new ArrayList<>();
    for (Follower follower : followers) {
      try {
        follower.rename(present);
      } catch (IOException refused) {
        takeBack(moved);
        taken.close();
        throw refused;
      }
      moved.add(follower);
    }
    InstanceLock former = lock;
    lock = taken;
    claimed = present;
    former.close();
  }

  private void takeBack(List<Follower> moved) {
    for (Follower follower : moved) {
      try {
        follower.rename(claimed);
      } catch (IOException lost) {
        log.warn("{}: {}", claimed, lost.getMessage());
      }
    }
  }

  /** Follows no more, before all is undone; a rename that is under way ends first. */
  @Override
  public void close() {
    isClosing = true;
    thread.getQueue().clear();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        log.warn("{}: a rename does not end", interfaceName);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void release() throws IOException {
    lock.close();
  }
}
