package dev.jwg.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.linux.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When merging ends: the caller has seen that the packets pass singly. */
final class MergingTest {
  private final Merging merging = new Merging(TunOffload.TCP_AND_UDP);

  private String merges() {
    return (merging.mergesTcp() ? "TCP " : "") + (merging.mergesUdp() ? "UDP" : "");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"EINVAL, 1", "EOPNOTSUPP, 1", "ENOTSUPP, 1", "EMSGSIZE, 1", "EPERM, 1", "EIO, 8", "EAGAIN, 8", "ENOBUFS, 8", "ENOMEM, 8"})
  void errorsThatPassByThemselvesMustComeEightTimesInARow(Errno error, int refusals) {
    for (int i = 1; i < refusals; i++) {
      merging.refused(false, error.number());
      assertEquals("TCP UDP", merges(), "after " + i);
    }
    merging.refused(false, error.number());
    assertEquals("", merges());
  }

  @Test
  void aMergedPacketThatIsTakenStartsTheCountAnew() {
    for (int i = 0; i < 20; i++) {
      merging.refused(false, Errno.EIO.number());
      if (i % 7 == 6) {
        merging.taken();
      }
    }
    assertEquals("TCP UDP", merges());
  }

  @Test
  void refusedUdpPacketsLeaveTcpOnesMerged() {
    merging.refused(true, Errno.EINVAL.number());
    assertEquals("TCP ", merges());
    merging.refused(false, Errno.EINVAL.number());
    assertEquals("", merges());
  }
}
