package dev.jwg.uapi;

import dev.jwg.linux.Libc;
import dev.jwg.linux.SystemCallException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Tells, on the event loop, that names in a directory came, went or moved (inotify(7)). */
final class DirectoryWatch implements EpollIoHandle {
  /** IN_NONBLOCK and IN_CLOEXEC of sys/inotify.h. */
  private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;

  /** IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_DELETE_SELF and IN_MOVE_SELF of sys/inotify.h. */
  private static final int NAMES_CHANGED = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800;

  private final FileDescriptor fd;
  private final Runnable onChange;
  private final ByteBuffer events = ByteBuffer.allocateDirect(4096);

  private DirectoryWatch(FileDescriptor fd, Runnable onChange) {
    this.fd = fd;
    this.onChange = onChange;
  }

  /** Begins to watch; not from the loop's own thread. The registration's cancel ends it. */
  static IoRegistration start(IoEventLoop loop, Path directory, Runnable onChange) throws IOException {
    int inotify = Libc.inotify_init1(NONBLOCK_CLOEXEC);
    if (inotify < 0) {
      throw new SystemCallException("inotify_init1", Libc.errno());
    }
    FileDescriptor fd = new FileDescriptor(inotify);
    if (Libc.inotify_add_watch(inotify, directory.toString(), NAMES_CHANGED) < 0) {
      int errno = Libc.errno();
      fd.close();
      throw new SystemCallException("inotify_add_watch " + directory, errno);
    }
    IoRegistration registration =
        loop.register(new DirectoryWatch(fd, onChange)).syncUninterruptibly().getNow();
    registration.submit(EpollIoOps.EPOLLIN);
    return registration;
  }

  @Override
  public FileDescriptor fd() {
    return fd;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      while (fd.read(events, 0, events.capacity()) > 0) {
        // Which name it was does not matter: the listener looks for itself, and so no lost event can fool it.
      }
    } catch (IOException unreadable) {
      // As above.
    }
    onChange.run();
  }

  @Override
  public void unregistered() {
    close();
  }

  @Override
  public void close() {
    try {
      fd.close();
    } catch (IOException alreadyClosed) {
      // Nothing is lost: we only read from it.
    }
  }
}
