package dev.jwg.daemon;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has the configuration looked at whenever something happened in a folder that matters, and has settled. Folders rather
 * than files, because editors replace a file and Kubernetes replaces a link beside the one that it mounts.
 */
final class ConfigWatch implements AutoCloseable {
  /** For what inotify(7) does not tell: a file that is mounted by itself, a network's, a folder that was not there. */
  private static final long LOOK_ANYWAY_SECONDS = 10;

  /** Who writes a file in pieces is taken to have finished after so much silence; who never is silent, after the second. */
  private static final long SILENCE_MS = 100;

  private static final long LONGEST_NOISE_NS = TimeUnit.SECONDS.toNanos(2);

  private static final WatchEvent.Kind<?>[] ALL = {
    StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE, StandardWatchEventKinds.ENTRY_MODIFY
  };

  private final WatchService service;
  private final Supplier<Set<Path>> folders;
  private final Runnable onSettled;

  private ConfigWatch(WatchService service, Supplier<Set<Path>> folders, Runnable onSettled) {
    this.service = service;
    this.folders = folders;
    this.onSettled = onSettled;
  }

  /**
   * Begins to watch, and has a first look.
   *
   * @param folders to watch, asked for again before each wait
   */
  static ConfigWatch start(Supplier<Set<Path>> folders, Runnable onSettled) throws IOException {
    ConfigWatch watch = new ConfigWatch(FileSystems.getDefault().newWatchService(), folders, onSettled);
    Thread thread = new Thread(watch::run, "jwg-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        register();
        onSettled.run(); // what happened before the folders were watched counts too
        WatchKey first = service.poll(LOOK_ANYWAY_SECONDS, TimeUnit.SECONDS);
        if (first != null) {
          awaitSilence(first);
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException end) {
      // as wanted
    }
  }

  private void register() {
    for (Path folder : folders.get()) {
      try {
        folder.register(service, ALL); // a second time does nothing
      } catch (IOException notThere) {
        // Perhaps later.
      }
    }
  }

  private void awaitSilence(WatchKey first) throws InterruptedException {
    long start = System.nanoTime();
    for (@Nullable WatchKey heard = first; heard != null; heard = service.poll(SILENCE_MS, TimeUnit.MILLISECONDS)) {
      heard.pollEvents(); // which file it was does not matter: the content tells
      heard.reset();
      if (System.nanoTime() - start > LONGEST_NOISE_NS) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
