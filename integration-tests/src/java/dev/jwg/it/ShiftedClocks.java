package dev.jwg.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The clocks of one program, shifted by a library that is loaded before libc: no machine is suspended, and no clock of the
 * machine is set. As in a suspend, CLOCK_MONOTONIC stands still while CLOCK_BOOTTIME and the wall clock go on, and timers
 * on CLOCK_BOOTTIME that have become due expire.
 */
final class ShiftedClocks {
  private static final String SHIM = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <fcntl.h>
      #include <pthread.h>
      #include <stdint.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/mman.h>
      #include <sys/timerfd.h>
      #include <time.h>
      #include <unistd.h>

      static const volatile int64_t *shift; /* nanoseconds asleep, nanoseconds that the wall clock was set by */
      static int timers[16];
      static int64_t deadlines[16];
      static int count;
      static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

      static void add(struct timespec *time, int64_t ns) {
        int64_t sum = time->tv_sec * 1000000000LL + time->tv_nsec + ns;
        time->tv_sec = sum / 1000000000LL;
        time->tv_nsec = sum % 1000000000LL;
      }

      int clock_gettime(clockid_t id, struct timespec *time) {
        static int (*next)(clockid_t, struct timespec *);
        if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
        int result = next(id, time);
        if (result == 0 && shift) {
          if (id == CLOCK_BOOTTIME) add(time, shift[0]);
          if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) add(time, shift[0] + shift[1]);
        }
        return result;
      }

      static int settime(int fd, int64_t deadline) {
        static int (*next)(int, int, const struct itimerspec *, struct itimerspec *);
        if (!next) next = dlsym(RTLD_NEXT, "timerfd_settime");
        struct itimerspec spec;
        int64_t at = deadline - shift[0];
        if (at < 1) at = 1; /* zero would disarm it */
        memset(&spec, 0, sizeof spec);
        spec.it_value.tv_sec = at / 1000000000LL;
        spec.it_value.tv_nsec = at % 1000000000LL;
        return next(fd, TFD_TIMER_ABSTIME, &spec, 0);
      }

      int timerfd_settime(int fd, int flags, const struct itimerspec *spec, struct itimerspec *old) {
        int64_t deadline = spec->it_value.tv_sec * 1000000000LL + spec->it_value.tv_nsec;
        pthread_mutex_lock(&lock);
        int i = 0;
        while (i < count && timers[i] != fd) i++;
        if (i == count && count < 16) timers[count++] = fd;
        deadlines[i] = deadline;
        int result = settime(fd, deadline);
        pthread_mutex_unlock(&lock);
        return result;
      }

      static void *follow(void *unused) {
        int64_t last = shift[0];
        for (;;) {
          usleep(5000);
          if (shift[0] != last) {
            pthread_mutex_lock(&lock);
            last = shift[0];
            for (int i = 0; i < count; i++) settime(timers[i], deadlines[i]);
            pthread_mutex_unlock(&lock);
          }
        }
        return 0;
      }

      __attribute__((constructor)) static void start(void) {
        int fd = open(getenv("CLOCK_SHIFT"), O_RDONLY);
        if (fd < 0) abort();
        shift = mmap(0, 16, PROT_READ, MAP_SHARED, fd, 0);
        if (shift == MAP_FAILED) abort();
        close(fd);
        pthread_t thread;
        pthread_create(&thread, 0, follow, 0);
      }
      """;

  private final Path shift;
  private Duration asleep = Duration.ZERO;
  private Duration set = Duration.ZERO;

  /** Shifts the clocks of the program that the side starts next; none so far. Call after all hosts have been made. */
  ShiftedClocks(Lab lab, Side side) {
    Path source = lab.file("clocks.c", SHIM);
    String shim = source.resolveSibling("clocks.so").toString();
    Lab.command("gcc", "-shared", "-fPIC", "-O1", "-o", shim, source.toString(), "-ldl", "-lpthread");
    shift = lab.file(side.host().name() + ".shift", "");
    write();
    side.precede("env", "LD_PRELOAD=" + shim, "CLOCK_SHIFT=" + shift);
  }

  /** The machine is suspended and resumes after so long. */
  void sleep(Duration time) {
    asleep = asleep.plus(time);
    write();
  }

  /** The wall clock is set forward, or back by a negative time. */
  void setWallClock(Duration by) {
    set = set.plus(by);
    write();
  }

  private void write() {
    ByteBuffer both = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    both.putLong(asleep.toNanos()).putLong(set.toNanos());
    try (RandomAccessFile file = new RandomAccessFile(shift.toFile(), "rw")) {
      file.write(both.array()); // in one call: the program has the file mapped
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
