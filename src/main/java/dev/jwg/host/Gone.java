package dev.jwg.host;

import dev.jwg.linux.Errno;
import dev.jwg.linux.SystemCallException;
import java.io.IOException;
import java.util.List;

/** What an undo step may find already undone: addresses and routes go with their interface. */
final class Gone {
  private static final List<Errno> REASONS =
      List.of(Errno.ENODEV, Errno.ESRCH, Errno.ENOENT, Errno.EADDRNOTAVAIL);

  private Gone() {}

  static void ignored(Undo.Step removal) throws IOException {
    try {
      removal.run();
    } catch (SystemCallException e) {
      if (!is(e)) {
        throw e;
      }
    }
  }

  static boolean is(SystemCallException failure) {
    return REASONS.stream().anyMatch(failure::is);
  }
}
