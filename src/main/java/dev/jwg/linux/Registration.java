package dev.jwg.linux;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file descriptor that an {@link EpollLoop} watches and that is closed with its registration, on the loop. */
public final class Registration implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);

  private final EpollLoop loop;
  private final FileDescriptor descriptor;
  private final Runnable onReadable;
  private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
  private volatile @Nullable IoRegistration entry;

  Registration(EpollLoop loop, int fd, Runnable onReadable) {
    this.loop = loop;
    this.onReadable = onReadable;
    descriptor = new FileDescriptor(fd);
  }

  EpollIoHandle handle() {
    return new Handle();
  }

  void begin(IoRegistration watched) {
    entry = watched;
  }

  /** The descriptor's number: another file's once this is closed, so ask {@link #isOpen} first, on the loop. */
  public int fd() {
    return descriptor.intValue();
  }

  public boolean isOpen() {
    return descriptor.isOpen();
  }

  /**
   * Ends watching, then closes the descriptor. From any thread; off the loop it waits until that is done, so what the
   * descriptor held (a port, an interface) is free on return. A second call does nothing.
   */
  @Override
  public void close() {
    if (loop.inLoop()) {
      closeInLoop();
    } else {
      loop.execute(this::closeInLoop);
      // A loop that is ending drops the task but closes each handle itself.
      closed.join();
    }
  }

  private void closeInLoop() {
    stopWatching();
    closeDescriptor();
  }

  private void stopWatching() {
    IoRegistration watched = entry;
    if (watched != null) {
      watched.cancel();
    }
  }

  private void closeDescriptor() {
    try {
      descriptor.close();
    } catch (IOException e) {
      // close(2): the descriptor is gone even so, and a retry could close another thread's new file.
      log.debug("close {}", fd(), e);
    }
    closed.complete(null);
  }

  /** What Netty's loop holds. */
  private final class Handle implements EpollIoHandle {
    @Override
    public FileDescriptor fd() {
      return descriptor;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      try {
        onReadable.run();
      } catch (Throwable bug) {
        // Still readable, it would be called again at once and for ever.
        stopWatching();
        loop.fatal(bug);
      }
    }

    /** Called when the loop ends. */
    @Override
    public void close() {
      closeDescriptor();
    }
  }
}
