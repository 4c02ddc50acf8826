package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The holder is another process each time: the locks are a process's. */
@Timeout(600)
class InstanceLockTest {
  @TempDir private Path temporary;

  @Test
  void whoHoldsALockIsSeenFromOutsideUntilItEnds() throws Exception {
    Path directory = temporary.resolve("jwg");
    assertEquals(Optional.empty(), InstanceLock.holder(directory, "wg0"));
    try (LockHolder holder = LockHolder.start(directory, "wg0", "/etc/wireguard/wg0.conf")) {
      InstanceLock.Holder seen = InstanceLock.holder(directory, "wg0").orElseThrow();
      assertEquals("/etc/wireguard/wg0.conf", seen.configuration());
      assertEquals(holder.pid(), seen.process().orElseThrow().pid());
      assertEquals(Optional.empty(), InstanceLock.holder(directory, "wg1"));
      holder.kill();
      assertEquals(Optional.empty(), InstanceLock.holder(directory, "wg0"));
    }
    assertEquals("rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
  }

  @Test
  void aSecondOneFailsAtOnceAndSaysWhoWasFirst() throws Exception {
    try (LockHolder holder = LockHolder.start(temporary, "wg0", "/a/wg0.conf")) {
      IOException refusal = assertThrows(IOException.class, () -> InstanceLock.acquire(temporary, "wg0", ""));
      assertEquals(
          "wg0: already up (pid " + holder.pid() + ", from /a/wg0.conf): `jwg down wg0` first", refusal.getMessage());
    }
  }

  @Test
  void theRecordOfALongerPathLeavesNothingInAShorterOne() throws Exception {
    for (String configuration : new String[] {"/a/very/long/path/with/umlauts/äöü/wg0.conf", "/b", ""}) {
      try (LockHolder holder = LockHolder.start(temporary, "wg0", configuration)) {
        InstanceLock.Holder seen = InstanceLock.holder(temporary, "wg0").orElseThrow();
        assertEquals(configuration, seen.configuration());
        assertEquals(holder.pid(), seen.pid());
      }
    }
  }

  @Test
  void aProcessOfTheSameNumberThatStartedAtAnotherTimeIsNotTheHolder() {
    long pid = ProcessHandle.current().pid();
    assertEquals(Optional.empty(), new InstanceLock.Holder(pid, 1, "").process());
    assertEquals(Optional.empty(), new InstanceLock.Holder(pid, 0, "").process());
  }

  @Test
  void lookingNeverMakesAStartFail() throws Exception {
    Thread looker = new Thread(() -> {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          InstanceLock.holder(temporary, "wg0");
        } catch (IOException interrupted) {
          return;
        }
      }
    });
    looker.start();
    try {
      for (int round = 0; round < 5; round++) {
        try (LockHolder holder = LockHolder.start(temporary, "wg0", "")) {
          assertTrue(holder.pid() > 0);
        }
      }
    } finally {
      looker.interrupt();
      looker.join();
    }
  }
}
