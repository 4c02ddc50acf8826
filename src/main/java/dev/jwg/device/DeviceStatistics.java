package dev.jwg.device;

import dev.jwg.crypto.PublicKey;
import dev.jwg.route.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a device did so far and holds now, without its secrets.
 *
 * @param up whether the interface is up and its port bound
 * @param hasPrivateKey whether handshakes are possible at all
 * @param queuedHandshakes handshake messages that wait to be consumed
 * @param stagedPackets packets that wait for a session
 * @param lostCongestionMarks packets delivered without the path's congestion mark, since they are not ECN-capable
 */
public record DeviceStatistics(
    boolean up,
    boolean hasPrivateKey,
    int queuedHandshakes,
    int stagedPackets,
    long lostCongestionMarks,
    List<PeerStatistics> peers) {

  /**
   * One peer.
   *
   * @param allowedIps in the order they were given
   * @param received authenticated messages only
   */
  public record PeerStatistics(
      PublicKey publicKey,
      List<IpPrefix> allowedIps,
      Optional<Instant> lastHandshake,
      Traffic received,
      Traffic sent,
      HandshakeCounts handshakes) {}

  /** Messages of all kinds, and their bytes without outer headers. */
  public record Traffic(long messages, long bytes) {}
}
