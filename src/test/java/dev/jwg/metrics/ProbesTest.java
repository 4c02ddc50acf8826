package dev.jwg.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.metrics.Probes.Answer;
import dev.jwg.testing.Host;
import dev.jwg.testing.World;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProbesTest {
  private final World world = new World(6);
  private final Host alice = world.alice();
  private final Host bob = world.bob();
  private final FakeEndpoint endpoint = new FakeEndpoint(alice);

  private Probes probes(PublicKey readyPeer) {
    return new Probes(Optional.of(readyPeer), Clock.fixed(world.clock().wallTime(), ZoneOffset.UTC));
  }

  private Answer ready(PublicKey peer) {
    return probes(peer).ready(Optional.of(endpoint));
  }

  private Answer ready() {
    return new Probes(Optional.empty(), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)).ready(Optional.of(endpoint));
  }

  @Test
  void beforeThereIsAnEndpointItIsAliveAndNotReady() {
    Probes probes = probes(bob.publicKey());
    assertEquals(Answer.ok("not set up: starting, or going down"), probes.live(Optional.empty()));
    assertEquals(Answer.unavailable("not set up: starting, or going down"), probes.ready(Optional.empty()));
  }

  @Test
  void anEndpointThatIsUpAndHasAKeyIsReady() {
    assertEquals(Answer.ok("ready"), ready());
    alice.down();
    assertEquals(Answer.unavailable("the interface is down or its port is not bound"), ready());
    alice.up();
    assertEquals(Answer.ok("ready"), ready());
    alice.identify(PrivateKey.of(new byte[PrivateKey.LENGTH]));
    assertEquals(Answer.unavailable("it has no private key"), ready());
  }

  @Test
  void anEndpointWhoseHooksStillRunIsAliveAndNotReady() {
    endpoint.starting(true);
    assertEquals(Answer.unavailable("it is still starting"), ready());
    assertEquals(Answer.ok("alive"), probes(bob.publicKey()).live(Optional.of(endpoint)));
    endpoint.starting(false);
    assertEquals(Answer.ok("ready"), ready());
  }

  @Test
  void withANamedPeerItIsReadyWhileTheHandshakeIsYoung() {
    String key = bob.publicKey().toBase64();
    assertEquals(Answer.unavailable("no handshake yet with peer " + key), ready(bob.publicKey()));
    world.handshake();
    assertEquals(Answer.ok("ready"), ready(bob.publicKey()));
    world.wire().copies(datagram -> 0);
    world.advanceSeconds(179);
    assertEquals(Answer.ok("ready"), ready(bob.publicKey()));
    world.advanceSeconds(1);
    assertEquals(
        Answer.unavailable("the latest handshake with peer " + key + " is 180 seconds old"), ready(bob.publicKey()));
    alice.remove(bob.publicKey());
    assertEquals(Answer.unavailable("it has no peer " + key), ready(bob.publicKey()));
  }

  @Test
  void anEndpointThatHangsIsNeitherAliveNorReady() {
    Probes probes = probes(bob.publicKey());
    assertEquals(Answer.ok("alive"), probes.live(Optional.of(endpoint)));
    endpoint.hang();
    assertEquals(Answer.unavailable("the control thread does not answer"), probes.live(Optional.of(endpoint)));
    assertEquals(Answer.unavailable("the control thread does not answer"), probes.ready(Optional.of(endpoint)));
  }
}
