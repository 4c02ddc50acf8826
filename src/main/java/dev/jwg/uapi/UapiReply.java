package dev.jwg.uapi;

import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import java.util.Collections;
import java.util.Iterator;

/** A reply that is produced piece by piece, as fast as the client reads: with 10,000 peers one has megabytes. */
final class UapiReply {
  /** Size from which a piece is handed over; a peer is never split. */
  private static final int PIECE_CHARS = 16 * 1024;

  private final Iterator<PeerState> peers;
  private String begin;
  private boolean ended;

  private UapiReply(String begin, Iterator<PeerState> peers) {
    this.begin = begin;
    this.peers = peers;
  }

  static UapiReply state(DeviceState state, boolean isStarting, boolean isWithoutPort) {
    return new UapiReply(UapiText.device(state, isStarting, isWithoutPort), state.peers().iterator());
  }

  /** A reply of nothing but the error number, 0 for success. */
  static UapiReply errno(int number) {
    UapiReply reply = new UapiReply(UapiText.end(number), Collections.emptyIterator());
    reply.ended = true;
    return reply;
  }

  boolean hasNext() {
    return !ended || !begin.isEmpty();
  }

  String next() {
    StringBuilder piece = new StringBuilder(begin);
    begin = "";
    while (peers.hasNext() && piece.length() < PIECE_CHARS) {
      piece.append(UapiText.peer(peers.next()));
    }
    if (!peers.hasNext() && !ended) {
      ended = true;
      piece.append(UapiText.end(0));
    }
    return piece.toString();
  }
}
