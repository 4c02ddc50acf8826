package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.net.Batch;
import dev.jwg.session.Session;
import dev.jwg.session.SessionLimits;
import dev.jwg.testing.TaskQueue;
import dev.jwg.testing.TransportKeyPair;
import dev.jwg.time.Clock;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  private static Environment of(List<? extends Executor> shards) {
    return new Environment(
        Clock.system(),
        (deadlineNs, task) -> {},
        Runnable::run,
        shards,
        new SecureRandom(),
        SessionLimits.WHITEPAPER,
        KeyLog.NONE);
  }

  @Test
  void whicheverShardPassesLastRunsTheLastTask() {
    List<TaskQueue> shards = List.of(new TaskQueue(), new TaskQueue(), new TaskQueue());
    for (int[] order : new int[][] {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}) {
      List<String> run = new ArrayList<>();
      of(shards).whenAllShardsPassed(() -> run.add("other"), () -> run.add("last"));
      assertEquals(List.of(), run);
      for (int shard : order) {
        shards.get(shard).runOne();
      }
      assertEquals(List.of("other", "other", "last"), run);
    }
  }

  /** Sealing under an erased key throws. */
  @Test
  void noKeyIsErasedWhileAShardSealsWithIt() throws Exception {
    ExecutorService first = Executors.newSingleThreadExecutor();
    ExecutorService second = Executors.newSingleThreadExecutor();
    try {
      Environment environment = of(List.of(first, second));
      TransportKeyPair keys = TransportKeyPair.agree(environment.random());
      for (int round = 0; round < 300; round++) {
        Session session = new Session(keys.initiator(), 1, 2, true, 0, SessionLimits.WHITEPAPER);
        AtomicReference<@Nullable Session> slot = new AtomicReference<>(session);
        CountDownLatch sealing = new CountDownLatch(2);
        Future<?> one = first.submit(() -> sealWhileInSlot(slot, sealing));
        Future<?> other = second.submit(() -> sealWhileInSlot(slot, sealing));
        sealing.await(60, TimeUnit.SECONDS);
        slot.set(null);
        CountDownLatch erased = new CountDownLatch(1);
        environment.whenAllShardsPassed(
            session::wipe,
            () -> {
              session.erase();
              erased.countDown();
            });
        one.get(60, TimeUnit.SECONDS);
        other.get(60, TimeUnit.SECONDS);
        assertEquals(true, erased.await(60, TimeUnit.SECONDS));
      }
    } finally {
      first.shutdownNow();
      second.shutdownNow();
    }
  }

  private static void sealWhileInSlot(AtomicReference<@Nullable Session> slot, CountDownLatch sealing) {
    Batch batch = new Batch(100_000, 32);
    sealing.countDown();
    for (Session session = slot.get(); session != null; session = slot.get()) {
      batch.clear();
      for (int i = 0; i < 32; i++) {
        batch.append(1_400);
      }
      session.seal(batch, 0, 32);
    }
  }
}
