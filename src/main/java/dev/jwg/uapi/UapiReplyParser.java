package dev.jwg.uapi;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceState;
import dev.jwg.device.DeviceState.PeerState;
import dev.jwg.net.Endpoint;
import dev.jwg.route.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the reply of any implementation to {@code get=1}; keys that it does not know are passed over. */
final class UapiReplyParser {
  private static final long MAX_NANOS = 999_999_999;

  private Optional<PrivateKey> privateKey = Optional.empty();
  private int listenPort;
  private int fwmark;
  private long errno;
  private final List<PeerState> peers = new ArrayList<>();
  private @Nullable Peer peer;

  private static final class Peer {
    private final PublicKey publicKey;
    private Optional<PresharedKey> presharedKey = Optional.empty();
    private Optional<Endpoint> endpoint = Optional.empty();
    private long handshakeSeconds;
    private long handshakeNanos;
    private long receivedBytes;
    private long sentBytes;
    private int persistentKeepalive;
    private final List<IpPrefix> allowedIps = new ArrayList<>();

    Peer(PublicKey publicKey) {
      this.publicKey = publicKey;
    }

    PeerState build() {
      Optional<Instant> handshake = handshakeSeconds == 0 && handshakeNanos == 0
          ? Optional.empty()
          : Optional.of(Instant.ofEpochSecond(handshakeSeconds, handshakeNanos));
      return new PeerState(
          publicKey, presharedKey, endpoint, handshake, receivedBytes, sentBytes, persistentKeepalive, allowedIps);
    }
  }

  void line(String text) throws UapiException {
    UapiLine line = UapiLine.split(text);
    if (line.key().equals("errno")) {
      errno = errno(line);
    } else if (line.key().equals("public_key")) {
      closePeer();
      peer = new Peer(line.key(PublicKey::parseHex));
    } else if (peer == null) {
      deviceLine(line);
    } else {
      peerLine(peer, line);
    }
  }

  private void deviceLine(UapiLine line) throws UapiException {
    switch (line.key()) {
      case "private_key" -> privateKey = Optional.of(line.key(PrivateKey::parseHex)).filter(key -> !key.isZero());
      case "listen_port" -> listenPort = line.port();
      case "fwmark" -> fwmark = (int) line.number(UapiLine.MAX_UINT32);
      default -> {
        // A newer program's key.
      }
    }
  }

  private static void peerLine(Peer peer, UapiLine line) throws UapiException {
    switch (line.key()) {
      case "preshared_key" ->
          peer.presharedKey = Optional.of(line.key(PresharedKey::parseHex)).filter(key -> !key.isZero());
      case "endpoint" -> peer.endpoint = Optional.of(line.endpoint());
      case "last_handshake_time_sec" -> peer.handshakeSeconds = line.number(Instant.MAX.getEpochSecond());
      case "last_handshake_time_nsec" -> peer.handshakeNanos = line.number(MAX_NANOS);
      case "rx_bytes" -> peer.receivedBytes = line.number(Long.MAX_VALUE);
      case "tx_bytes" -> peer.sentBytes = line.number(Long.MAX_VALUE);
      case "persistent_keepalive_interval" -> peer.persistentKeepalive = (int) line.number(UapiLine.MAX_UINT16);
      case "allowed_ip" -> peer.allowedIps.add(line.prefix(line.value()));
      default -> {
        // A newer program's key.
      }
    }
  }

  /** Negative as sent by wireguard-go and by us, positive as the protocol's page has it: either is an error. */
  private static long errno(UapiLine line) throws UapiException {
    String digits = line.value().startsWith("-") ? line.value().substring(1) : line.value();
    return new UapiLine(line.key(), digits).number(UapiLine.MAX_UINT16);
  }

  private void closePeer() {
    if (peer != null) {
      peers.add(peer.build());
    }
  }

  /** The error number of the reply, 0 for success. */
  int errno() {
    return (int) errno;
  }

  DeviceState state() {
    closePeer();
    peer = null;
    return new DeviceState(privateKey, listenPort, fwmark, peers);
  }
}
