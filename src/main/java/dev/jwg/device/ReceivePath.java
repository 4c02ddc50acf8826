package dev.jwg.device;

import dev.jwg.net.Batch;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import dev.jwg.protocol.TransportData;
import dev.jwg.route.AllowedIps;
import dev.jwg.route.Ecn;
import dev.jwg.route.IpPacket;
import dev.jwg.session.IndexTable;
import dev.jwg.session.Session;
import dev.jwg.session.Verdicts;
import dev.jwg.tun.Tun;
import dev.jwg.udp.Udp;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams from peers to the host, on a data shard's thread:
 *
 * <pre>
 * udp → onDatagrams ─ data ──→ IndexTable.find → Session.open → authenticated → deliverable → Tun.write
 *             └─ handshake ─→ HandshakePath.offer                   (roam, confirm, timers)
 * </pre>
 */
final class ReceivePath implements Udp.DatagramListener {
  private static final Logger log = LoggerFactory.getLogger(ReceivePath.class);

  private final Environment environment;
  private final Tun.Queue tun;
  private final AllowedIps<Peer> allowedIps;
  private final IndexTable<Peer> indices;
  private final HandshakePath handshakes;
  private final SendPath sendPath;
  private final DropCounters drops;
  private final LongAdder lostCongestionMarks;
  private final Verdicts verdicts = new Verdicts();

  ReceivePath(
      Environment environment,
      Tun.Queue tun,
      AllowedIps<Peer> allowedIps,
      IndexTable<Peer> indices,
      HandshakePath handshakes,
      SendPath sendPath,
      DropCounters drops,
      LongAdder lostCongestionMarks) {
    this.environment = environment;
    this.tun = tun;
    this.allowedIps = allowedIps;
    this.indices = indices;
    this.handshakes = handshakes;
    this.sendPath = sendPath;
    this.drops = drops;
    this.lostCongestionMarks = lostCongestionMarks;
  }

  @Override
  public void onDatagrams(Batch datagrams) {
    long nowNs = environment.clock().nanoTime();
    int slot = 0;
    while (slot < datagrams.count()) {
      MessageType type = type(datagrams, slot);
      if (type == MessageType.TRANSPORT_DATA) {
        slot = receiveRun(datagrams, slot, nowNs);
      } else if (type == null) {
        drop(Drop.MALFORMED_DATAGRAM, datagrams, slot++);
      } else {
        handshakes.offer(type, datagrams, slot++);
      }
    }
  }

  private static @Nullable MessageType type(Batch datagrams, int slot) {
    return MessageType.classify(datagrams.bytes(), datagrams.offset(slot), datagrams.length(slot));
  }

  private static int receiver(Batch datagrams, int slot) {
    return LittleEndian.getInt(datagrams.bytes(), datagrams.offset(slot) + TransportData.RECEIVER);
  }

  /**
   * Receives the transport data messages from {@code first} on that are for the same session.
   *
   * @return the slot behind the last of them
   */
  private int receiveRun(Batch datagrams, int first, long nowNs) {
    int receiver = receiver(datagrams, first);
    Peer peer = indices.find(receiver);
    Session session = peer == null ? null : peer.slots().find(receiver);
    if (peer == null || session == null) {
      drop(Drop.UNKNOWN_RECEIVER, datagrams, first);
      return first + 1;
    }
    int end = first + 1;
    while (end < datagrams.count()
        && type(datagrams, end) == MessageType.TRANSPORT_DATA
        && receiver(datagrams, end) == receiver) {
      end++;
    }
    session.open(datagrams, first, end, nowNs, verdicts);
    deliver(peer, session, datagrams, first, end, nowNs);
    return end;
  }

  /** Gives the genuine packets among the opened slots to the host, and their peer its due. */
  private void deliver(Peer peer, Session session, Batch packets, int first, int end, long nowNs) {
    int genuineMessages = 0;
    int genuineBytes = 0;
    int lastGenuine = -1;
    boolean anyData = false;
    int writeFrom = first;
    for (int slot = first; slot < end; slot++) {
      boolean genuine = isGenuine(packets, slot);
      if (genuine) {
        genuineMessages++;
        genuineBytes += packets.length(slot) + TransportData.MIN_LENGTH;
        lastGenuine = slot;
        anyData |= packets.length(slot) > 0;
      }
      if (!genuine || !deliverable(peer, packets, slot)) {
        tun.write(packets, writeFrom, slot);
        writeFrom = slot + 1;
      }
    }
    if (lastGenuine >= 0) {
      peer.received(genuineMessages, genuineBytes);
      authenticated(peer, session, packets, lastGenuine, anyData, nowNs);
    }
    tun.write(packets, writeFrom, end);
  }

  private boolean isGenuine(Batch packets, int slot) {
    switch (verdicts.of(slot)) {
      case OK -> {
        return true;
      }
      case EXPIRED -> drop(Drop.SESSION_EXPIRED, packets, slot);
      case BAD_TAG -> drop(Drop.BAD_TAG, packets, slot);
      case REPLAYED -> drop(Drop.REPLAYED, packets, slot);
    }
    return false;
  }

  /** What genuine messages do to their peer; only the last one's origin counts. */
  private void authenticated(
      Peer peer, Session session, Batch datagrams, int lastGenuine, boolean anyData, long nowNs) {
    handshakes.roam(peer, datagrams.remote(lastGenuine));
    if (session == peer.slots().next() && handshakes.confirm(peer, session)) {
      sendPath.sendStaged(peer);
    }
    peer.timers().anyAuthenticatedReceived(nowNs);
    if (anyData) {
      peer.timers().dataReceived(nowNs);
    }
    Session current = peer.slots().current(); // its age counts: the message may have come on the previous one
    if (current != null && current.wantsRekeyOnReceive(nowNs) && peer.firstRekeyOnReceive()) {
      handshakes.request(peer, nowNs);
    }
  }

  /** Whether the opened slot is an IP packet that the peer may send; if so, its padding is cut off. */
  private boolean deliverable(Peer peer, Batch packets, int slot) {
    if (packets.length(slot) == 0) {
      return false; // a keepalive
    }
    byte[] bytes = packets.bytes();
    int offset = packets.offset(slot);
    if (IpPacket.check(bytes, offset, packets.length(slot)) != IpPacket.Check.OK) {
      drop(Drop.MALFORMED_INNER_PACKET, packets, slot);
      return false;
    }
    if (IpPacket.sourceOwner(allowedIps, bytes, offset) != peer) {
      drop(Drop.SOURCE_NOT_ALLOWED, packets, slot);
      return false;
    }
    int inner = IpPacket.tos(bytes, offset);
    int combined = Ecn.inward(packets.tos(slot), inner);
    if (combined != inner) {
      IpPacket.tos(bytes, offset, combined);
    } else if (Ecn.isLost(packets.tos(slot), inner)) {
      lostCongestionMarks.increment();
    }
    packets.bounds(slot, offset, IpPacket.totalLength(bytes, offset));
    return true;
  }

  private void drop(Drop reason, Batch datagrams, int slot) {
    drops.count(reason);
    if (log.isDebugEnabled()) {
      log.debug("dropped {} bytes from {}: {}", datagrams.length(slot), datagrams.remote(slot), reason);
    }
  }
}
