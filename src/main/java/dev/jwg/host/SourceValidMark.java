package dev.jwg.host;

import dev.jwg.host.Rules.Rule;
import dev.jwg.linux.NetlinkSocket;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code net.ipv4.conf.all.src_valid_mark}: the reverse path filter looks at the mark too, else it drops the endpoint's
 * own incoming datagrams while a default route is diverted. In a container the setting is often read-only: whoever
 * started the container then has to set it, and without strict filtering nothing is lost.
 *
 * <p>The {@link Tag} of the rules records that jwg switched it on. So the last endpoint knows what the first one found,
 * also when that one was killed.
 */
final class SourceValidMark {
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/conf/all/src_valid_mark");
  private static final String ON = "1";
  private static final String OFF = "0";
  private static final Logger log = LoggerFactory.getLogger(SourceValidMark.class);

  private final NetlinkSocket socket;
  private final int table;
  private final boolean wasOn;
  private final boolean isToBeReset;
  private final boolean othersDiverted;

  private SourceValidMark(
      NetlinkSocket socket, int table, boolean wasOn, boolean isToBeReset, boolean othersDiverted) {
    this.socket = socket;
    this.table = table;
    this.wasOn = wasOn;
    this.isToBeReset = isToBeReset;
    this.othersDiverted = othersDiverted;
  }

  /** Reads the setting before the rules for a table are added. */
  static SourceValidMark before(NetlinkSocket socket, int table) throws IOException {
    List<Rule> rules = Rules.present(socket);
    boolean wasOn = isOn();
    boolean jwgSwitchedOn = rules.stream().anyMatch(SourceValidMark::records);
    return new SourceValidMark(socket, table, wasOn, !wasOn || jwgSwitchedOn, othersDivert(socket, rules));
  }

  private static boolean records(Rule rule) {
    return rule.protocol() == Tag.JWG_RESETS_SOURCE_VALID_MARK;
  }

  private static boolean isOn() {
    try {
      return Files.readString(SETTING).strip().equals(ON);
    } catch (IOException e) {
      return false; // enable() will say so
    }
  }

  /** Returns the {@link Tag} for the rules. */
  int tag() {
    return isToBeReset ? Tag.JWG_RESETS_SOURCE_VALID_MARK : Tag.JWG;
  }

  /** Switches it on; afterwards off, if jwg switched it on and no other endpoint needs it. */
  void enable(Undo undo) {
    if (!isToBeReset) {
      return;
    }
    try {
      RandomAccessFile setting = new RandomAccessFile(SETTING.toFile(), "rw");
      undo.push("close src_valid_mark", setting::close);
      if (!wasOn) {
        setting.writeBytes(ON);
      }
      undo.push("reset src_valid_mark", () -> resetUnlessNeeded(setting));
    } catch (IOException e) {
      if (!wasOn) {
        log.warn("could not set net.ipv4.conf.all.src_valid_mark=1, which strict rp_filter needs: {}", e.getMessage());
      }
    }
  }

  /** Runs before the rules go: killed in between, the endpoint leaves their record of it. */
  private void resetUnlessNeeded(RandomAccessFile setting) throws IOException {
    List<Rule> rules = Rules.present(socket);
    boolean jwgNeeds = rules.stream().anyMatch(rule -> divertsOfJwg(rule) && rule.table() != table);
    boolean othersNeed = !othersDiverted && othersDivert(socket, rules);
    if (!jwgNeeds && !othersNeed) {
      setting.seek(0);
      setting.writeBytes(OFF);
    }
  }

  /**
   * Switches it off after an endpoint that was killed, unless it is needed.
   *
   * @param dead rules that will be removed
   * @return whether it was switched off
   */
  static boolean resetAfter(List<Rule> dead, NetlinkSocket socket) throws IOException {
    List<Rule> rules = Rules.present(socket);
    boolean needed =
        rules.stream().anyMatch(rule -> divertsOfJwg(rule) && !dead.contains(rule)) || othersDivert(socket, rules);
    if (dead.stream().noneMatch(SourceValidMark::records) || needed || !isOn()) {
      return false;
    }
    try (RandomAccessFile setting = new RandomAccessFile(SETTING.toFile(), "rw")) {
      setting.writeBytes(OFF);
      return true;
    } catch (IOException e) {
      log.warn("could not reset net.ipv4.conf.all.src_valid_mark: {}", e.getMessage());
      return false;
    }
  }

  private static boolean divertsOfJwg(Rule rule) {
    return !rule.isV6() && rule.isJwgs() && rule.diverts();
  }

  /** Returns true if another program, such as wg-quick, has diverted the IPv4 default route. */
  private static boolean othersDivert(NetlinkSocket socket, List<Rule> rules) throws IOException {
    List<Integer> tables =
        rules.stream()
            .filter(rule -> !rule.isV6() && !rule.isJwgs() && rule.diverts())
            .map(Rule::table)
            .toList();
    return !tables.isEmpty() && Routes.tablesInUse(socket).stream().anyMatch(tables::contains);
  }
}
