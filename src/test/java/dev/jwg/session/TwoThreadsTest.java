package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Batch;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.session.Session.Opened;
import dev.jwg.testing.TransportKeyPair;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What two data shards may do to one session at one time, on two real threads. */
class TwoThreadsTest {
  private static final int RUN = 16;
  private static final int LENGTH = 48;

  private final long seed = System.nanoTime();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final CyclicBarrier together = new CyclicBarrier(2);
  private final TransportKeyPair keys = TransportKeyPair.agree(new SecureRandom());
  private final Session sender = new Session(keys.initiator(), 1, 2, true, 0, SessionLimits.WHITEPAPER);
  private final Session receiver = new Session(keys.responder(), 2, 1, false, 0, SessionLimits.WHITEPAPER);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  /** Runs a task on both threads, which begin at one moment, and returns what each comes to. */
  private <T> List<T> onBoth(Callable<T> task) throws Exception {
    List<Future<T>> results = new ArrayList<>();
    for (int thread = 0; thread < 2; thread++) {
      results.add(
          threads.submit(
              () -> {
                together.await(30, TimeUnit.SECONDS);
                return task.call();
              }));
    }
    return List.of(results.get(0).get(60, TimeUnit.SECONDS), results.get(1).get(60, TimeUnit.SECONDS));
  }

  /** Both in ascending order, so that a counter is never too old for the thread that is the first to come to it. */
  @Test
  void theWindowAcceptsEachCounterOnce() throws Exception {
    ReplayWindow window = new ReplayWindow();
    int counters = 400_000;
    for (int round = 0; round < 10; round++) {
      long first = (long) round * counters;
      List<Integer> accepted = onBoth(() -> accept(window, first, counters));
      assertEquals(counters, accepted.get(0) + accepted.get(1), "round " + round);
    }
  }

  private static int accept(ReplayWindow window, long first, int counters) {
    int accepted = 0;
    for (int i = 0; i < counters; i++) {
      window.enter();
      accepted += window.accept(first + i) ? 1 : 0;
      window.leave();
    }
    return accepted;
  }

  @Test
  void bothSealAndBothOpenEveryMessageAndEachIsAcceptedOnce() throws Exception {
    int perThread = 1_600;
    for (int round = 0; round < 10; round++) {
      List<byte[]> messages = new ArrayList<>();
      onBoth(() -> seal(perThread)).forEach(messages::addAll);
      assertEquals(2L * perThread, messages.stream().mapToLong(TwoThreadsTest::counter).distinct().count());
      int first = 2 * perThread * round;
      AtomicIntegerArray accepted = new AtomicIntegerArray(2 * perThread);
      onBoth(() -> open(messages, first, accepted));
      for (int i = 0; i < 2 * perThread; i++) {
        assertEquals(1, accepted.get(i), "seed " + seed + " round " + round + " counter " + (first + i));
      }
    }
  }

  private static long counter(byte[] message) {
    return LittleEndian.getLong(message, 8);
  }

  private List<byte[]> seal(int count) {
    List<byte[]> messages = new ArrayList<>();
    while (messages.size() < count) {
      Batch batch = new Batch(RUN * 256, RUN);
      for (int slot = 0; slot < RUN; slot++) {
        batch.append(LENGTH);
      }
      assertEquals(RUN, sender.seal(batch, 0, RUN));
      for (int slot = 0; slot < RUN; slot++) {
        byte[] message = new byte[batch.length(slot)];
        System.arraycopy(batch.bytes(), batch.offset(slot), message, 0, message.length);
        messages.add(message);
      }
    }
    return messages;
  }

  /** In an order of its own, and counts what it may pass on. */
  private boolean open(List<byte[]> messages, int first, AtomicIntegerArray accepted) {
    List<byte[]> shuffled = new ArrayList<>(messages);
    Collections.shuffle(shuffled, new Random(seed ^ Thread.currentThread().getId()));
    Verdicts verdicts = new Verdicts();
    for (int next = 0; next < shuffled.size(); next += RUN) {
      Batch batch = new Batch(RUN * 256, RUN);
      for (byte[] message : shuffled.subList(next, next + RUN)) {
        batch.append(message, 0, message.length);
      }
      receiver.open(batch, 0, RUN, 0, verdicts);
      for (int slot = 0; slot < RUN; slot++) {
        assertTrue(verdicts.of(slot) == Opened.OK || verdicts.of(slot) == Opened.REPLAYED, "seed " + seed);
        if (verdicts.of(slot) == Opened.OK) {
          accepted.incrementAndGet((int) counter(shuffled.get(next + slot)) - first);
        }
      }
    }
    return true;
  }
}
