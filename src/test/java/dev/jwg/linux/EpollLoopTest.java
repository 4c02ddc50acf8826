package dev.jwg.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class EpollLoopTest {
  private static final int F_GETFD = 1; // asm-generic/fcntl.h

  private final BlockingQueue<Throwable> fatal = new LinkedBlockingQueue<>();
  private final EpollLoop loop = new EpollLoop("jwg-test", fatal::add);

  @AfterEach
  void close() {
    loop.close();
    assertNull(fatal.peek(), "an exception nobody expected");
  }

  @Test
  void tasksRunOnTheLoopInTheirOrder() throws Exception {
    List<Integer> ran = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      loop.execute(() -> ran.add(number));
    }
    CompletableFuture<String> thread = new CompletableFuture<>();
    loop.execute(() -> thread.complete(Thread.currentThread().getName() + " " + loop.inLoop()));

    assertEquals("jwg-test true", thread.get(60, TimeUnit.SECONDS));
    assertFalse(loop.inLoop());
    assertEquals(100, ran.size());
    assertTrue(ran.get(0) == 0 && ran.get(99) == 99);
  }

  @Test
  void timerKeepsToItsDeadlinesWhateverTheOrderOfTheCalls() throws Exception {
    long start = BootClock.INSTANCE.nanoTime();
    BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    List<Long> early = new ArrayList<>();
    schedule(start + 60_000_000, "second", ran, early);
    schedule(start + 30_000_000, "first", ran, early);
    schedule(start - 1, "past", ran, early);

    assertEquals("past", ran.poll(60, TimeUnit.SECONDS));
    assertEquals("first", ran.poll(60, TimeUnit.SECONDS));
    assertEquals("second", ran.poll(60, TimeUnit.SECONDS));
    assertEquals(List.of(), early, "nanoseconds before the deadline");
  }

  @Test
  void tasksThatAreDueRunInTheOrderOfTheirDeadlinesAndThenOfTheCalls() throws Exception {
    BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    loop.execute(
        () -> {
          loop.schedule(3, () -> ran.add("last"));
          loop.schedule(2, () -> ran.add("second"));
          loop.schedule(2, () -> ran.add("third"));
          loop.schedule(Long.MIN_VALUE, () -> ran.add("first"));
        });
    for (String expected : List.of("first", "second", "third", "last")) {
      assertEquals(expected, ran.poll(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void aTaskThatIsDueAgainAtOnceLeavesOthersTheirTurn() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    loop.schedule(0, () -> again(rounds));
    while (rounds.get() < 3) {
      awaitIdle();
    }
    rounds.set(Integer.MIN_VALUE);
    awaitIdle();
  }

  private void again(AtomicInteger rounds) {
    if (rounds.incrementAndGet() > 0) {
      loop.schedule(0, () -> again(rounds));
    }
  }

  private void schedule(long deadlineNs, String name, BlockingQueue<String> ran, List<Long> early) {
    loop.schedule(
        deadlineNs,
        () -> {
          long nowNs = BootClock.INSTANCE.nanoTime();
          if (deadlineNs - nowNs > 0) {
            early.add(deadlineNs - nowNs);
          }
          ran.add(name);
        });
  }

  @Test
  void readableDescriptorIsReportedUntilItIsRead() throws Exception {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    NativeMemory bytes = new NativeMemory(3);
    CountDownLatch calls = new CountDownLatch(3);
    Registration registration =
        loop.register(
            pipe[0].intValue(),
            () -> {
              Libc.read(pipe[0].intValue(), bytes.address(0), 1);
              calls.countDown();
            });
    Libc.write(pipe[1].intValue(), bytes.address(0), 3);

    assertTrue(calls.await(60, TimeUnit.SECONDS), "one call for each byte left unread");
    registration.close();
    pipe[1].close();
  }

  @Test
  void pendingErrorCountsAsReadable() throws Exception {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    CountDownLatch called = new CountDownLatch(1);
    Registration registration = loop.register(pipe[1].intValue(), called::countDown);
    pipe[0].close();

    assertTrue(called.await(60, TimeUnit.SECONDS), "EPOLLERR: a pipe without a reader");
    registration.close();
  }

  @Test
  void registrationClosesItsDescriptorOnce() throws Exception {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    int fd = pipe[0].intValue();
    Registration registration = loop.register(fd, () -> {});
    assertTrue(registration.isOpen());

    registration.close();
    assertFalse(registration.isOpen());
    assertEquals(-1, Libc.fcntl(fd, F_GETFD, 0), "closed on return");

    // The number is another file's now, as the kernel gives out the lowest free one.
    FileDescriptor[] other = FileDescriptor.pipe();
    registration.close();
    assertTrue(Libc.fcntl(other[0].intValue(), F_GETFD, 0) >= 0);
    assertTrue(Libc.fcntl(other[1].intValue(), F_GETFD, 0) >= 0);
    other[0].close();
    other[1].close();
    pipe[1].close();
  }

  @Test
  void registrationMayCloseItselfFromItsHandler() throws Exception {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    CompletableFuture<Registration> self = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch closed = new CountDownLatch(1);
    Registration registration =
        loop.register(
            pipe[0].intValue(),
            () -> {
              calls.incrementAndGet();
              self.join().close();
              closed.countDown();
            });
    self.complete(registration);
    Libc.write(pipe[1].intValue(), new NativeMemory(1).address(0), 1);

    assertTrue(closed.await(60, TimeUnit.SECONDS));
    awaitIdle();
    assertEquals(1, calls.get());
    assertFalse(registration.isOpen());
    pipe[1].close();
  }

  @Test
  void exceptionOfATaskIsFatalAndTheLoopRunsOn() throws Exception {
    RuntimeException bug = new IllegalStateException("a bug");
    loop.execute(
        () -> {
          throw bug;
        });
    loop.schedule(
        0,
        () -> {
          throw bug;
        });

    assertSame(bug, fatal.poll(60, TimeUnit.SECONDS));
    assertSame(bug, fatal.poll(60, TimeUnit.SECONDS));
    awaitIdle();
  }

  @Test
  void exceptionOfAHandlerIsFatalOnceAndNeitherSleepsNorSpins() throws Exception {
    CompletableFuture<Thread> running = new CompletableFuture<>();
    loop.execute(() -> running.complete(Thread.currentThread()));
    Thread thread = running.get(60, TimeUnit.SECONDS);
    FileDescriptor[] pipe = FileDescriptor.pipe();
    AtomicInteger calls = new AtomicInteger();
    Registration registration =
        loop.register(
            pipe[0].intValue(),
            () -> {
              calls.incrementAndGet();
              throw new IllegalStateException("a bug");
            });
    Libc.write(pipe[1].intValue(), new NativeMemory(1).address(0), 1);

    assertNotNull(fatal.poll(60, TimeUnit.SECONDS));
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Boolean> idle = new CompletableFuture<>();
      loop.execute(() -> idle.complete(true));
      while (!idle.isDone()) {
        assertFalse(isAsleep(thread), "Netty sleeps for a second after an exception that it sees");
      }
    }
    assertEquals(1, calls.get());
    registration.close();
    pipe[1].close();
  }

  @RepeatedTest(20) // the end of Netty's loop depends on the moment
  void closingTheLoopRunsItsTasksAndClosesItsDescriptors() throws Exception {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    int fd = pipe[0].intValue();
    Registration registration = loop.register(fd, () -> {});
    AtomicInteger ran = new AtomicInteger();
    loop.execute(ran::incrementAndGet);
    loop.close();

    assertEquals(1, ran.get());
    assertFalse(registration.isOpen());
    assertEquals(-1, Libc.fcntl(fd, F_GETFD, 0));
    registration.close();
    loop.execute(ran::incrementAndGet);
    loop.schedule(0, ran::incrementAndGet);
    loop.close();
    assertEquals(1, ran.get(), "nothing runs on a closed loop");
    pipe[1].close();
  }

  private static boolean isAsleep(Thread thread) {
    return Stream.of(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals("java.lang.Thread") && frame.getMethodName().startsWith("sleep"));
  }

  private void awaitIdle() throws Exception {
    CompletableFuture<Boolean> ran = new CompletableFuture<>();
    loop.execute(() -> ran.complete(true));
    assertTrue(ran.get(60, TimeUnit.SECONDS));
  }
}
