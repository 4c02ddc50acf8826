package dev.jwg.host;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code net.ipv4.conf.all.src_valid_mark}: the reverse path filter looks at the mark too, else it drops the endpoint's
 * own incoming datagrams while a default route is diverted. In a container the setting is often read-only: whoever
 * started the container then has to set it, and without strict filtering nothing is lost.
 */
final class SourceValidMark {
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/conf/all/src_valid_mark");
  private static final Logger log = LoggerFactory.getLogger(SourceValidMark.class);

  private SourceValidMark() {}

  /** Switches it on; afterwards back to what it was, unless another endpoint still needs it. */
  static void enable(Rules rules, Undo undo) {
    try {
      String before = Files.readString(SETTING).strip();
      if (!before.equals("1")) {
        set(before, rules, undo);
      }
    } catch (IOException e) {
      log.warn("could not set net.ipv4.conf.all.src_valid_mark=1, which strict rp_filter needs: {}", e.getMessage());
    }
  }

  /** The open file belongs to the present network namespace, whichever thread undoes this later. */
  private static void set(String before, Rules rules, Undo undo) throws IOException {
    RandomAccessFile setting = new RandomAccessFile(SETTING.toFile(), "rw");
    try {
      setting.writeBytes("1");
    } catch (IOException e) {
      setting.close();
      throw e;
    }
    undo.push("reset src_valid_mark", () -> reset(setting, before, rules));
  }

  private static void reset(RandomAccessFile setting, String before, Rules rules) throws IOException {
    try (setting) {
      if (!rules.anyDiverted(false)) {
        setting.seek(0);
        setting.writeBytes(before);
      }
    }
  }
}
