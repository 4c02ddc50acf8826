package dev.jwg.linux;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A file descriptor that an {@link EpollLoop} watches and that is closed with its registration, on the loop. */
public final class Registration implements AutoCloseable {
  private final EpollLoop loop;
  private final int fd;
  private final Runnable onReadable;
  private final Runnable closeDescriptor;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
  private volatile @Nullable IoRegistration entry;

  Registration(EpollLoop loop, int fd, Runnable onReadable, Runnable closeDescriptor) {
    this.loop = loop;
    this.fd = fd;
    this.onReadable = onReadable;
    this.closeDescriptor = closeDescriptor;
  }

  EpollIoHandle handle() {
    return new Handle();
  }

  void begin(IoRegistration watched) {
    entry = watched;
  }

  /** The descriptor's number: another file's once this is closed, so ask {@link #isOpen} first, on the loop. */
  public int fd() {
    return fd;
  }

  public boolean isOpen() {
    return open.get();
  }

  /**
   * Ends watching, then closes the descriptor. From any thread; off the loop it waits until that is done, so what the
   * descriptor held (a port, an interface) is free on return. A second call does nothing.
   */
  @Override
  public void close() {
    if (loop.inLoop()) {
      closeOnLoop();
    } else if (loop.tryExecute(this::closeOnLoop)) {
      closed.join();
    } else {
      closeOnce();
    }
  }

  private void closeOnLoop() {
    stopWatching();
    closeOnce();
  }

  private void stopWatching() {
    IoRegistration watched = entry;
    if (watched != null) {
      watched.cancel();
    }
  }

  private void closeOnce() {
    if (open.getAndSet(false)) {
      loop.forget(this);
      closeDescriptor.run();
      closed.complete(null);
    }
  }

  /** What Netty's loop holds. */
  private final class Handle implements EpollIoHandle {
    private final FileDescriptor descriptor = new FileDescriptor(fd);

    @Override
    public FileDescriptor fd() {
      return descriptor;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      // An error can be pending before register has been told what it registered.
      begin(registration);
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
      closeOnce();
    }
  }
}
