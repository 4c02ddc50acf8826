package dev.jwg.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.host.Undo;
import dev.jwg.testing.Stderr;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Another process looks at the locks, since they are a process's. No interface has any of the names. */
@Timeout(600)
class ClaimedNameTest {
  @TempDir private Path locks;
  private final Undo undo = new Undo();
  private final BlockingQueue<String> followed = new LinkedBlockingQueue<>();

  @AfterEach
  void release() {
    undo.close();
  }

  private ClaimedName claim(String name) throws IOException {
    ClaimedName claim = ClaimedName.claim(locks, name, "/etc/wireguard/" + name + ".conf", undo);
    claim.follow(followed::add);
    assertEquals(name, followed.poll());
    return claim;
  }

  private String nextFollowed() throws InterruptedException {
    return String.valueOf(followed.poll(60, TimeUnit.SECONDS));
  }

  private void assertFree(String name) throws IOException {
    LockHolder.start(locks, name, "").close();
  }

  private void assertHeld(String name) {
    assertThrows(IOException.class, () -> LockHolder.start(locks, name, "").close());
  }

  @Test
  void followersMoveWhileBothNamesAreHeldAndThenTheOldNameIsFree() throws Exception {
    try (ClaimedName claim = claim("jwgtest0")) {
      claim.follow(name -> assertTrue(claim.holds(claim.claimed()) && claim.holds(name)));
      claim.renamed("jwgtest1");
      claim.renamed("jwgtest2");
      claim.renamed("jwgtest0");
      claim.renamed("jwgtest3");
      assertEquals(List.of("jwgtest1", "jwgtest2", "jwgtest0", "jwgtest3"),
          List.of(nextFollowed(), nextFollowed(), nextFollowed(), nextFollowed()));
    }
    for (String old : List.of("jwgtest0", "jwgtest1", "jwgtest2")) {
      assertFree(old);
    }
    assertHeld("jwgtest3");
    undo.close();
    assertFree("jwgtest3");
  }

  @Test
  void renameWaitsForAnEndpointThatGivesUpTheName() throws Exception {
    try (LockHolder ending = LockHolder.start(locks, "jwgtest1", "");
        ClaimedName claim = claim("jwgtest0")) {
      claim.renamed("jwgtest1");
      ending.kill();
      assertEquals("jwgtest1", nextFollowed());
    }
    assertFree("jwgtest0");
    assertHeld("jwgtest1");
  }

  @Test
  void nameOfAnotherEndpointIsNotTakenAndTheNextNameIs() throws Exception {
    try (LockHolder other = LockHolder.start(locks, "jwgtest1", "/other.conf");
        ClaimedName claim = claim("jwgtest0")) {
      List<String> logged =
          Stderr.of(
              () -> {
                claim.renamed("jwgtest1");
                claim.awaitIdle();
              });
      assertEquals(1, logged.size(), logged::toString);
      assertTrue(logged.get(0).contains("WARN jwgtest1: lock and UAPI socket keep the name jwgtest0: jwgtest1: already up"
          + " (pid " + other.pid() + ", from /other.conf)"), logged.get(0));
      assertEquals(0, followed.size());
      assertHeld("jwgtest0");
      claim.renamed("jwgtest2");
      assertEquals("jwgtest2", nextFollowed());
      claim.awaitIdle();
      assertFree("jwgtest0");
      assertTrue(other.isAlive());
    }
  }

  @Test
  void followerThatRefusesKeepsTheOldNameForAll() throws Exception {
    try (ClaimedName claim = claim("jwgtest0")) {
      claim.follow(
          name -> {
            if (name.equals("jwgtest1")) {
              throw new IOException("no room");
            }
          });
      List<String> logged =
          Stderr.of(
              () -> {
                claim.renamed("jwgtest1");
                claim.awaitIdle();
              });
      assertTrue(logged.get(0).endsWith("jwgtest1: lock and UAPI socket keep the name jwgtest0: no room"), logged::toString);
      assertEquals(List.of("jwgtest1", "jwgtest0"), List.of(nextFollowed(), nextFollowed()), "there and back");
    }
    assertHeld("jwgtest0");
    assertFree("jwgtest1");
  }

  @Test
  void claimWaitsForAnEndpointWhoseInterfaceHasAnotherNameByNow() throws Exception {
    try (LockHolder renamed = LockHolder.start(locks, "jwgtest0", "")) {
      Thread ends = new Thread(renamed::kill);
      ends.start();
      try (ClaimedName claim = claim("jwgtest0")) {
        assertEquals("jwgtest0", claim.claimed());
      }
      ends.join();
    }
  }
}
