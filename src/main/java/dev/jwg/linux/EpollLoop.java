package dev.jwg.linux;

import dev.jwg.time.Timer;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for file descriptors, tasks and deadlines, and runs them one after the other.
 *
 * <p>Whatever a task or a readiness handler throws is a bug of ours: it goes to {@code onFatal}, and the loop runs on so
 * that a shutdown can still use it. A handler that threw is not called again.
 */
public final class EpollLoop implements Executor, Timer, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EpollLoop.class);

  private final MultiThreadIoEventLoopGroup group;
  private final IoEventLoop loop;
  private final Consumer<Throwable> onFatal;
  private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();

  /** Opened by the first deadline, on the loop: data threads have none. */
  private @Nullable BootTimer timer;

  /** Starts the loop on a daemon thread: who keeps the process alive is for {@code main} to say. */
  public EpollLoop(String threadName, Consumer<Throwable> onFatal) {
    this.onFatal = onFatal;
    ThreadFactory threads = task -> newThread(task, threadName);
    group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
    loop = group.next();
  }

  /**
   * Has Netty initialise itself on a thread of its own, which takes as long as the rest of a start: that goes on meanwhile,
   * and waits for what is not there yet when it gets there.
   */
  public static void prepare() {
    newThread(EpollLoop::initialise, "jwg-prepare").start();
  }

  private static void initialise() {
    Epoll.ensureAvailability();
    new EpollServerDomainSocketChannel().unsafe().closeForcibly();
  }

  private static Thread newThread(Runnable task, String name) {
    Thread thread = new FastThreadLocalThread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Calls {@code onReadable} on the loop for as long as {@code fd} is readable or has an error pending (level-triggered).
   * The registration owns the descriptor from here on, also when this throws.
   */
  public Registration register(int fd, Runnable onReadable) {
    return register(fd, onReadable, () -> Libc.close(fd));
  }

  /** As {@link #register(int, Runnable)}, for a descriptor that is closed by {@code closeDescriptor}. */
  public Registration register(int fd, Runnable onReadable, Runnable closeDescriptor) {
    Registration registration = new Registration(this, fd, onReadable, closeDescriptor);
    registrations.add(registration);
    try {
      IoRegistration entry = loop.register(registration.handle()).syncUninterruptibly().getNow();
      registration.begin(entry);
      entry.submit(EpollIoOps.EPOLLIN);
      return registration;
    } catch (RuntimeException e) {
      registration.close();
      throw e;
    }
  }

  /** Runs a task on the loop, in the order of the calls. Does nothing once the loop is closed. */
  @Override
  public void execute(Runnable task) {
    if (!tryExecute(task)) {
      log.debug("Task dropped: the loop is closed");
    }
  }

  /** Returns false if the loop has ended. */
  boolean tryExecute(Runnable task) {
    try {
      loop.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }

  /** Deadlines are on the scale of {@link BootClock#nanoTime}. Does nothing once the loop is closed. */
  @Override
  public void schedule(long deadlineNs, Runnable task) {
    if (loop.isShuttingDown()) {
      log.debug("Timer dropped: the loop is closed");
    } else if (inLoop()) {
      timer().schedule(deadlineNs, task);
    } else {
      execute(() -> timer().schedule(deadlineNs, task));
    }
  }

  private BootTimer timer() {
    BootTimer opened = timer;
    if (opened == null) {
      opened = BootTimer.open(this, this::run);
      timer = opened;
    }
    return opened;
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable bug) {
      onFatal.accept(bug);
    }
  }

  void forget(Registration registration) {
    registrations.remove(registration);
  }

  void fatal(Throwable bug) {
    onFatal.accept(bug);
  }

  public boolean inLoop() {
    return loop.inEventLoop();
  }

  /** For Netty channels that are to live on this loop. */
  public IoEventLoop loop() {
    return loop;
  }

  /**
   * Runs the tasks already handed in, closes every registration and ends the thread; waits for that unless called on the
   * loop itself. A second call does nothing.
   */
  @Override
  public void close() {
    // Netty closes what is registered too, except when the shutdown begins at one particular moment of its loop.
    execute(() -> registrations.forEach(Registration::close));
    Future<?> ended = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    if (!inLoop()) {
      ended.syncUninterruptibly();
    }
  }
}
