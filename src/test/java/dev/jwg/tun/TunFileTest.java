package dev.jwg.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jwg.linux.NetworkNamespace;
import dev.jwg.linux.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What kernels of different ages make of the wish for offload. */
final class TunFileTest {
  @Test
  void offloadIsAsMuchAsTheKernelTakesOfWhatIsWanted() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun: modprobe tun");
    try (NetworkNamespace namespace = new NetworkNamespace()) {
      assertEquals(TunOffload.TCP, namespace.run(() -> Refusal.TUN_USO.during(() -> opened(true))));
      assertEquals(TunOffload.NONE, namespace.run(() -> Refusal.TUN_OFFLOAD.during(() -> opened(true))));
      assertEquals(TunOffload.NONE, namespace.run(() -> opened(false)));
      assertEquals("", namespace.ip("link show type tun"), "each was closed, those that were tried in vain too");
    }
  }

  private static TunOffload opened(boolean wantsOffload) throws Exception {
    TunFile file = TunFile.open("wg0", wantsOffload, 1).get(0);
    file.close();
    return file.offload();
  }
}
