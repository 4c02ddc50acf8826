package dev.jwg.linux;

import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait for their time, by a timerfd_create(2) on CLOCK_BOOTTIME: what becomes due while the machine is suspended
 * runs as soon as it resumes. On its loop's thread.
 */
final class BootTimer {
  /** TFD_NONBLOCK and TFD_CLOEXEC of sys/timerfd.h. */
  private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;

  private static final int TFD_TIMER_ABSTIME = 1;

  // struct itimerspec: the interval, zero here, then the time of the first expiry.
  private static final int FIRST_SECONDS = 16;
  private static final int FIRST_NANOSECONDS = 24;
  private static final int ITIMERSPEC_SIZE = 32;

  private static final long SECOND_NS = 1_000_000_000L;

  private record Task(long deadlineNs, long sequence, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byDeadline = Long.compare(deadlineNs, other.deadlineNs); // no overflow: years since the boot
      return byDeadline != 0 ? byDeadline : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private final NativeMemory memory = new NativeMemory(ITIMERSPEC_SIZE);
  private final int fd;
  private final Consumer<Runnable> run;
  private long sequence;
  private long armedNs = Long.MAX_VALUE;
  private @Nullable Registration registration;

  private BootTimer(int fd, Consumer<Runnable> run) {
    this.fd = fd;
    this.run = run;
  }

  /** Opens a timer whose tasks are handed to {@code run}. The loop owns the descriptor. */
  static BootTimer open(EpollLoop loop, Consumer<Runnable> run) {
    int fd = Libc.timerfd_create(BootClock.CLOCK_BOOTTIME, NONBLOCK_CLOEXEC);
    if (fd < 0) {
      throw new IllegalStateException("timerfd_create: " + Errno.nameOf(Libc.errno()));
    }
    BootTimer timer = new BootTimer(fd, run);
    timer.registration = loop.register(fd, timer::expired);
    return timer;
  }

  /** Does nothing once the loop has closed its descriptors. */
  void schedule(long deadlineNs, Runnable action) {
    tasks.add(new Task(Math.max(1, deadlineNs), sequence++, action)); // a time of zero would disarm the timer
    arm();
  }

  private void expired() {
    Libc.read(fd, memory.address(0), Long.BYTES); // else it stays readable
    armedNs = Long.MAX_VALUE;
    // The kernel's clock says that a task is due. Ours must not lag it, or the timer would be armed for the past again.
    BootClock.INSTANCE.readOffset();
    long nowNs = BootClock.INSTANCE.nanoTime();
    long end = sequence; // what these tasks schedule has its turn after other events
    for (Task next = tasks.peek(); isDue(next, nowNs, end); next = tasks.peek()) {
      run.accept(tasks.remove().action);
    }
    arm();
  }

  private static boolean isDue(@Nullable Task next, long nowNs, long end) {
    return next != null && next.deadlineNs <= nowNs && next.sequence < end;
  }

  private void arm() {
    Task next = tasks.peek();
    boolean open = registration != null && registration.isOpen();
    if (!open || next == null || next.deadlineNs >= armedNs) {
      return;
    }
    memory.putLong(0, 0);
    memory.putLong(Long.BYTES, 0);
    memory.putLong(FIRST_SECONDS, next.deadlineNs / SECOND_NS);
    memory.putLong(FIRST_NANOSECONDS, next.deadlineNs % SECOND_NS);
    if (Libc.timerfd_settime(fd, TFD_TIMER_ABSTIME, memory.address(0), 0) < 0) {
      throw new IllegalStateException("timerfd_settime: " + Errno.nameOf(Libc.errno()));
    }
    armedNs = next.deadlineNs;
  }
}
