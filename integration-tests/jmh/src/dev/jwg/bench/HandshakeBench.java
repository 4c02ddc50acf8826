package dev.jwg.bench;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.X25519;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.noise.CookieChecker;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.PeerCookie;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.noise.Tai64n;
import dev.jwg.noise.TransportKeys;
import dev.jwg.session.Session;
import dev.jwg.session.SessionLimits;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Handshakes on one core, from keys to sessions, and what each side has to do for its part. {@link PrimitivesBench} says
 * where the time goes: each side computes one public key and three shared secrets, the static-static one not counted,
 * which is computed once for a peer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HandshakeBench {
  private static final Endpoint ALICE_ENDPOINT = new Endpoint(IpAddress.v4(0xc0000201), 51_820);
  private static final int ALICE_INDEX = 1;
  private static final int BOB_INDEX = 2;

  private final SecureRandom random = new SecureRandom();
  private final LocalStatic alice = LocalStatic.of(X25519.generate(random));
  private final LocalStatic bob = LocalStatic.of(X25519.generate(random));
  private final RemoteStatic bobAtAlice = RemoteStatic.of(alice, bob.publicKey());
  private final RemoteStatic aliceAtBob = RemoteStatic.of(bob, alice.publicKey());
  private final PeerCookie cookieOfBob = new PeerCookie(bob.publicKey());
  private final PeerCookie cookieOfAlice = new PeerCookie(alice.publicKey());
  private final CookieChecker macsOfBob = new CookieChecker(bob.publicKey(), random);
  private final CookieChecker macsOfAlice = new CookieChecker(alice.publicKey(), random);
  private final PresharedKey presharedKey = PresharedKey.none();

  /** The cookie in it does not age, because time is always 0. */
  private InitiatorHandshake pending;

  private byte[] response;

  @Setup
  public void begin() {
    pending = initiate();
    byte[] reply = macsOfBob.createReply(pending.message(), ALICE_ENDPOINT, 0);
    if (!cookieOfBob.consumeReply(reply)) {
      throw new IllegalStateException("the benchmark's own cookie is refused");
    }
    cookieOfBob.stamp(pending.message(), 0);
    response = answer(pending.message());
  }

  @TearDown
  public void end() {
    pending.close();
  }

  /** Both sides' part. */
  @Benchmark
  public Session whole() {
    try (InitiatorHandshake handshake = initiate()) {
      return finish(handshake, answer(handshake.message()));
    }
  }

  /** The initiator's first part: a fresh initiation. */
  @Benchmark
  public byte[] initiation() {
    try (InitiatorHandshake handshake = initiate()) {
      return handshake.message();
    }
  }

  /** The responder's part: from the initiation to the session and the response. */
  @Benchmark
  public byte[] response() {
    return answer(pending.message());
  }

  /** The initiator's second part: from the response to the session. */
  @Benchmark
  public Session session() {
    return finish(pending, response);
  }

  /** Under load, the answer to an initiation without a cookie. */
  @Benchmark
  public byte[] cookieReply() {
    if (!macsOfBob.checkMac1(pending.message()) || macsOfBob.checkMac2(response, ALICE_ENDPOINT, 0)) {
      throw new IllegalStateException("a MAC is wrong, or one that should be");
    }
    return macsOfBob.createReply(pending.message(), ALICE_ENDPOINT, 0);
  }

  /** Under load, the answer to an initiation with the cookie. */
  @Benchmark
  public byte[] responseToCookie() {
    if (!macsOfBob.checkMac2(pending.message(), ALICE_ENDPOINT, 0)) {
      throw new IllegalStateException("the benchmark's own cookie is wrong");
    }
    return answer(pending.message());
  }

  /** What a message costs whose sender does not know our public key. */
  @Benchmark
  public boolean badMac1() {
    return macsOfAlice.checkMac1(pending.message());
  }

  private InitiatorHandshake initiate() {
    InitiatorHandshake handshake =
        Objects.requireNonNull(
            InitiatorHandshake.create(
                alice, bobAtAlice, X25519.generate(random), Tai64n.of(Instant.EPOCH), ALICE_INDEX));
    cookieOfBob.stamp(handshake.message(), 0);
    return handshake;
  }

  private byte[] answer(byte[] initiation) {
    if (!macsOfBob.checkMac1(initiation)) {
      throw new IllegalStateException("the benchmark's own initiation has a wrong MAC");
    }
    try (ResponderHandshake handshake =
        Objects.requireNonNull(ResponderHandshake.consumeInitiation(initiation, bob))) {
      Objects.requireNonNull(handshake.authenticate(aliceAtBob));
      byte[] message =
          Objects.requireNonNull(handshake.createResponse(X25519.generate(random), BOB_INDEX, presharedKey));
      cookieOfAlice.stamp(message, 0);
      Session unused = sessionOf(handshake.keys(), BOB_INDEX, ALICE_INDEX, /* initiator= */ false);
      return message;
    }
  }

  private Session finish(InitiatorHandshake handshake, byte[] message) {
    if (!macsOfAlice.checkMac1(message)) {
      throw new IllegalStateException("the benchmark's own response has a wrong MAC");
    }
    TransportKeys keys = Objects.requireNonNull(handshake.consumeResponse(message, alice, presharedKey));
    return sessionOf(keys, ALICE_INDEX, BOB_INDEX, /* initiator= */ true);
  }

  private static Session sessionOf(TransportKeys keys, int localIndex, int remoteIndex, boolean initiator) {
    try (keys) {
      return new Session(keys, localIndex, remoteIndex, initiator, 0, SessionLimits.WHITEPAPER);
    }
  }
}
