package dev.jwg.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jwg.crypto.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerHandshakeTest {
  private final PeerHandshake handshake = new PeerHandshake(PublicKey.of(new byte[32]));

  /** The same as in Reachability: a lost response, or two, is everyday life. */
  @Test
  void aThirdResponseWithoutConfirmationIsToldOnce() {
    assertEquals(List.of(false, false, true, false, false, false), responses(6));
  }

  @Test
  void aCompletedHandshakeForgetsTheUnconfirmedResponses() {
    responses(2);
    handshake.completed(Instant.EPOCH);
    assertEquals(List.of(false, false, true), responses(3));
  }

  private List<Boolean> responses(int count) {
    return IntStream.range(0, count).mapToObj(i -> handshake.responseSent()).toList();
  }
}
