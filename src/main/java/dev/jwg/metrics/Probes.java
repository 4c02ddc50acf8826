package dev.jwg.metrics;

import dev.jwg.crypto.PublicKey;
import dev.jwg.device.DeviceStatistics;
import dev.jwg.device.DeviceStatistics.PeerStatistics;
import dev.jwg.health.Readiness;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Whether an endpoint is alive, and whether it is ready: the answer of each probe. */
final class Probes {
  /** A probe's answer: its status and a line that says why. */
  record Answer(int status, String line) {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    static Answer ok(String line) {
      return new Answer(OK, line);
    }

    static Answer unavailable(String why) {
      return new Answer(UNAVAILABLE, why);
    }
  }

  private static final String NOT_SET_UP = "not set up: starting, or going down";

  private final Optional<PublicKey> readyPeer;
  private final Clock clock;

  Probes(Optional<PublicKey> readyPeer, Clock clock) {
    this.readyPeer = readyPeer;
    this.clock = clock;
  }

  /** An endpoint that starts is alive: hooks may take their time. */
  Answer live(Optional<Watched> endpoint) {
    if (endpoint.isEmpty()) {
      return Answer.ok(NOT_SET_UP);
    }
    try {
      endpoint.get().requireAlive();
      return Answer.ok("alive");
    } catch (IOException stuck) {
      return Answer.unavailable(String.valueOf(stuck.getMessage()));
    }
  }

  Answer ready(Optional<Watched> endpoint) {
    if (endpoint.isEmpty()) {
      return Answer.unavailable(NOT_SET_UP);
    }
    try {
      String state = readiness(endpoint.get().isStarting(), endpoint.get().statistics());
      return state.equals(Readiness.READY) ? Answer.ok(state) : Answer.unavailable(state);
    } catch (IOException stuck) {
      return Answer.unavailable(String.valueOf(stuck.getMessage()));
    }
  }

  private String readiness(boolean isStarting, DeviceStatistics device) {
    String own = Readiness.ofInterface(isStarting, device.up(), device.hasPrivateKey());
    return own.equals(Readiness.READY) && readyPeer.isPresent() ? readiness(device, readyPeer.get()) : own;
  }

  private String readiness(DeviceStatistics device, PublicKey wanted) {
    for (PeerStatistics peer : device.peers()) {
      if (peer.publicKey().equals(wanted)) {
        long last = peer.lastHandshake().map(Instant::getEpochSecond).orElse(0L);
        return Readiness.ofPeer(wanted.toBase64(), last, clock.instant().getEpochSecond());
      }
    }
    return Readiness.ofUnknownPeer(wanted.toBase64());
  }
}
