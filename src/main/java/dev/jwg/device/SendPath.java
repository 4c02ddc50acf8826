package dev.jwg.device;

import dev.jwg.net.Batch;
import dev.jwg.net.Endpoint;
import dev.jwg.protocol.TransportData;
import dev.jwg.route.AllowedIps;
import dev.jwg.route.Ecn;
import dev.jwg.route.IpPacket;
import dev.jwg.route.Unreachable;
import dev.jwg.session.Session;
import dev.jwg.tun.Tun;
import dev.jwg.udp.Udp;
import org.jspecify.annotations.Nullable;

/**
 * Packets from the host to their peers, on a data shard's thread:
 *
 * <pre>
 * tun → onPackets → AllowedIps.lookup → send ─── session ──→ Session.seal → Udp.send
 *                        │                └─ no session ─→ StagedPackets, HandshakePath.request
 *                        └─ no peer → Unreachable → back to the tun
 * </pre>
 */
final class SendPath implements Tun.PacketListener {
  /** Room for one packet of the greatest length, or for all staged packets of an ordinary MTU. */
  private static final int SCRATCH_BYTES = 256 * 1024;

  private final Environment environment;
  private final Tun.Queue tun;
  private final Udp.Sockets udp;
  private final AllowedIps<Peer> allowedIps;
  private final HandshakePath handshakes;
  private final DropCounters drops;
  private final Batch unstaged = new Batch(SCRATCH_BYTES, StagedPackets.MAX);
  private final Batch reply = new Batch(Unreachable.MAX_LENGTH + Batch.HEADROOM + Batch.TAILROOM, 1);
  private volatile int mtu;

  SendPath(
      Environment environment,
      Tun.Queue tun,
      Udp.Sockets udp,
      AllowedIps<Peer> allowedIps,
      HandshakePath handshakes,
      DropCounters drops) {
    this.environment = environment;
    this.tun = tun;
    this.udp = udp;
    this.allowedIps = allowedIps;
    this.handshakes = handshakes;
    this.drops = drops;
  }

  /** The interface's MTU was set; padding goes no further. From the control thread. */
  void mtu(int bytes) {
    mtu = bytes;
  }

  @Override
  public void onPackets(Batch packets) {
    long nowNs = environment.clock().nanoTime();
    // Packets of one read mostly go to one peer: a run of them is sealed and sent together.
    Peer peer = null;
    int from = 0;
    for (int slot = 0; slot < packets.count(); slot++) {
      Peer next = route(packets, slot);
      if (next != peer) {
        sendRun(peer, packets, from, slot, nowNs);
        peer = next;
        from = slot;
      }
    }
    sendRun(peer, packets, from, packets.count(), nowNs);
  }

  private void sendRun(@Nullable Peer peer, Batch packets, int from, int to, long nowNs) {
    if (peer != null) {
      send(peer, packets, from, to, nowNs);
    }
  }

  /** The peer that owns the destination; without one, the sender is told and null returned. */
  private @Nullable Peer route(Batch packets, int slot) {
    byte[] bytes = packets.bytes();
    int offset = packets.offset(slot);
    if (IpPacket.check(bytes, offset, packets.length(slot)) != IpPacket.Check.OK) {
      drops.count(Drop.MALFORMED_PACKET);
      return null;
    }
    Peer peer = IpPacket.destinationOwner(allowedIps, bytes, offset);
    if (peer == null) {
      drops.count(Drop.NO_PEER_FOR_DESTINATION);
      replyUnreachable(packets, slot);
      return null;
    }
    if (peer.endpoint() == null) {
      drops.count(Drop.NO_ENDPOINT);
      replyUnreachable(packets, slot);
      return null;
    }
    packets.tos(slot, Ecn.outward(IpPacket.tos(bytes, offset)));
    return peer;
  }

  /** As the kernel does: the host's sender learns at once that nobody will take its packet. */
  private void replyUnreachable(Batch packets, int slot) {
    reply.clear();
    int offset = reply.append(Unreachable.MAX_LENGTH);
    int length = Unreachable.write(packets.bytes(), packets.offset(slot), reply.bytes(), offset);
    if (length > 0) {
      reply.bounds(0, offset, length);
      tun.write(reply, 0, 1);
    }
  }

  /** Seals and sends slots {@code from} to {@code to} (exclusive) of one batch, or stages them. */
  private void send(Peer peer, Batch packets, int from, int to, long nowNs) {
    Session session = usableSession(peer, nowNs);
    Endpoint endpoint = peer.endpoint();
    if (session == null || endpoint == null) {
      stage(peer, packets, from, to, nowNs);
      return;
    }
    for (int slot = from; slot < to; slot++) {
      packets.pad(slot, paddedLength(packets.length(slot), mtu));
    }
    int sealedTo = session.seal(packets, from, to);
    boolean anyData = false;
    int sentBytes = 0;
    for (int slot = from; slot < sealedTo; slot++) {
      anyData |= packets.length(slot) > TransportData.MIN_LENGTH;
      sentBytes += packets.length(slot);
    }
    if (sealedTo > from && endpoint.isCutOff()) {
      drops.count(Drop.ROUTING_LOOP, sealedTo - from);
    } else if (sealedTo > from) {
      if (!udp.send(packets, from, sealedTo, endpoint)) {
        peer.forgetSource();
      }
      peer.sent(sealedTo - from, sentBytes);
      peer.timers().anyAuthenticatedSent(nowNs);
      if (anyData) {
        peer.timers().dataSent(nowNs);
      }
    }
    if (sealedTo < to) {
      stage(peer, packets, sealedTo, to, nowNs); // the counters are used up
    } else if (session.wantsRekeyOnSend(nowNs)) {
      handshakes.request(peer, nowNs);
    }
  }

  private static @Nullable Session usableSession(Peer peer, long nowNs) {
    Session session = peer.slots().current();
    return session != null && peer.endpoint() != null && session.canSend(nowNs) ? session : null;
  }

  /** Keeps packets for the next session, and asks for that. */
  private void stage(Peer peer, Batch packets, int from, int to, long nowNs) {
    for (int slot = from; slot < to; slot++) {
      // A keepalive has nothing to say later: the new session is confirmed by one of its own.
      if (packets.length(slot) > 0 && !peer.staged().add(packets, slot)) {
        drops.count(Drop.STAGING_OVERFLOW);
      }
    }
    if (usableSession(peer, nowNs) == null) {
      handshakes.request(peer, nowNs);
    } else {
      sendStaged(peer); // made since we looked, by another thread, which may have found nothing staged yet
    }
  }

  /** Sends what is staged, or else one empty packet; begins a handshake if there is no session to do it with. */
  void keepalive(Peer peer) {
    if (peer.staged().isEmpty()) {
      unstaged.clear();
      unstaged.append(0);
      send(peer, unstaged, 0, 1, environment.clock().nanoTime());
    } else {
      sendStaged(peer);
    }
  }

  /** Sends what is staged; begins a handshake if there is no session to do it with. */
  void sendStaged(Peer peer) {
    long nowNs = environment.clock().nanoTime();
    if (peer.staged().isEmpty()) {
      return;
    }
    if (usableSession(peer, nowNs) == null) {
      handshakes.request(peer, nowNs);
      return;
    }
    while (!peer.staged().isEmpty() && usableSession(peer, nowNs) != null) {
      unstaged.clear();
      peer.staged().moveTo(unstaged);
      for (int slot = 0; slot < unstaged.count(); slot++) {
        unstaged.tos(slot, Ecn.outward(IpPacket.tos(unstaged.bytes(), unstaged.offset(slot))));
      }
      send(peer, unstaged, 0, unstaged.count(), nowNs);
    }
  }

  /**
   * Length with padding to a multiple of 16, which hides the exact length, but never beyond the MTU (whitepaper section
   * 5.4.6; the cap as in the kernel). A packet longer than the MTU, as MTU changes bring, is padded as its last MTU's worth.
   */
  static int paddedLength(int length, int mtu) {
    if (mtu == 0) {
      return roundUp(length);
    }
    int lastUnit = length > mtu ? length % mtu : length;
    return length - lastUnit + Math.min(mtu, roundUp(lastUnit));
  }

  private static int roundUp(int length) {
    return (length + 15) & ~15;
  }
}
