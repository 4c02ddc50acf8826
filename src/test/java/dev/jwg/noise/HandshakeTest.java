package dev.jwg.noise;

import static dev.jwg.noise.Vectors.RESPONDER_INDEX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.protocol.Initiation;
import dev.jwg.protocol.Response;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {
  private static final String[] CASES = {"without-psk", "with-psk"};

  private final Vectors vectors = new Vectors("with-psk");

  @Test
  void initiationIsByteForByteThatOfAnotherImplementation() {
    for (String name : CASES) {
      Vectors vectors = new Vectors(name);
      InitiatorHandshake handshake = vectors.initiated();
      assertArrayEquals(vectors.withoutMacs("initiation"), handshake.message(), name);
      assertEquals(Vectors.INITIATOR_INDEX, handshake.senderIndex());
    }
  }

  @Test
  void responderLearnsPeerAndTimestamp() {
    ResponderHandshake handshake =
        ResponderHandshake.consumeInitiation(vectors.bytes("initiation"), vectors.responder());
    assertNotNull(handshake);
    assertEquals(vectors.initiator().publicKey(), handshake.peer());
    RemoteStatic remote = RemoteStatic.of(vectors.responder(), handshake.peer());
    assertEquals(vectors.timestamp(), handshake.authenticate(remote));
  }

  @Test
  void responseAndKeysAreByteForByteThoseOfAnotherImplementation() {
    for (String name : CASES) {
      Vectors vectors = new Vectors(name);
      ResponderHandshake responder = vectors.authenticated();
      byte[] response =
          responder.createResponse(vectors.privateKey("responderEphemeral"), RESPONDER_INDEX, vectors.presharedKey());
      assertArrayEquals(vectors.withoutMacs("response"), response, name);
      TransportKeys keys = responder.keys();
      assertArrayEquals(vectors.bytes("responderSends"), keys.send(), name);
      assertArrayEquals(vectors.bytes("initiatorSends"), keys.receive(), name);
    }
  }

  @Test
  void initiatorGetsTheSameKeysTheOtherWayRound() {
    for (String name : CASES) {
      Vectors vectors = new Vectors(name);
      TransportKeys keys = consumeResponse(vectors, vectors.initiated(), vectors.bytes("response"));
      assertNotNull(keys, name);
      assertArrayEquals(vectors.bytes("initiatorSends"), keys.send(), name);
      assertArrayEquals(vectors.bytes("responderSends"), keys.receive(), name);
    }
  }

  @Test
  void responseUnderAnotherPresharedKeyIsRefusedAndTheGenuineOneStillTaken() {
    InitiatorHandshake initiator = vectors.initiated();
    byte[] response = vectors.bytes("response");
    PresharedKey none = PresharedKey.of(new byte[PresharedKey.LENGTH]);
    assertNull(initiator.consumeResponse(response, vectors.initiator(), none));
    assertNotNull(consumeResponse(vectors, initiator, response));
  }

  @Test
  void initiationIsForOneResponderOnly() {
    assertNull(ResponderHandshake.consumeInitiation(vectors.bytes("initiation"), vectors.initiator()));
  }

  @Test
  void claimingToBeSomeoneIsNotEnough() {
    ResponderHandshake handshake =
        ResponderHandshake.consumeInitiation(vectors.bytes("initiation"), vectors.responder());
    assertNotNull(handshake);
    RemoteStatic other =
        RemoteStatic.of(vectors.responder(), LocalStatic.of(vectors.privateKey("presharedKey")).publicKey());
    assertNull(handshake.authenticate(other));
    PrivateKey ephemeral = vectors.privateKey("responderEphemeral");
    assertThrows(
        IllegalStateException.class, () -> handshake.createResponse(ephemeral, 1, vectors.presharedKey()));
  }

  /** The sender index and both MACs are no part of the Noise message: mac1 covers them. */
  @Test
  void everyAlteredBitOfAnInitiationIsNoticed() {
    for (int bit = 0; bit < Initiation.MAC1 * Byte.SIZE; bit++) {
      if (bit / Byte.SIZE >= Initiation.SENDER && bit / Byte.SIZE < Initiation.EPHEMERAL) {
        continue;
      }
      assertFalse(isAuthentic(flipped(vectors.bytes("initiation"), bit)), "bit " + bit);
    }
    assertTrue(isAuthentic(vectors.bytes("initiation")));
  }

  @Test
  void initiationOfAnotherLengthIsRefused() {
    for (int length = 0; length <= 2 * Initiation.LENGTH; length++) {
      byte[] message = Arrays.copyOf(vectors.bytes("initiation"), length);
      assertEquals(length == Initiation.LENGTH, isAuthentic(message), "length " + length);
    }
  }

  /** Its sender index is no part of the Noise message either. */
  @Test
  void everyAlteredBitOfAResponseIsNoticedAndTheGenuineOneStillTaken() {
    InitiatorHandshake initiator = vectors.initiated();
    for (int bit = 0; bit < Response.MAC1 * Byte.SIZE; bit++) {
      if (bit / Byte.SIZE >= Response.SENDER && bit / Byte.SIZE < Response.RECEIVER) {
        continue;
      }
      byte[] altered = flipped(vectors.bytes("response"), bit);
      assertNull(consumeResponse(vectors, initiator, altered), "bit " + bit);
    }
    assertNotNull(consumeResponse(vectors, initiator, vectors.bytes("response")));
  }

  @Test
  void responseOfAnotherLengthIsRefused() {
    InitiatorHandshake initiator = vectors.initiated();
    for (int length = 0; length <= 2 * Response.LENGTH; length++) {
      byte[] message = Arrays.copyOf(vectors.bytes("response"), length);
      boolean taken = consumeResponse(vectors, initiator, message) != null;
      assertEquals(length == Response.LENGTH, taken, "length " + length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
  })
  void pointsOfSmallOrderEndAHandshake(String point) {
    PublicKey small = PublicKey.parseHex(point);
    RemoteStatic remote = RemoteStatic.of(vectors.initiator(), small);
    assertFalse(remote.isUsable());
    assertNull(
        InitiatorHandshake.create(
            vectors.initiator(), remote, vectors.privateKey("initiatorEphemeral"), vectors.timestamp(), 1));

    byte[] initiation = vectors.bytes("initiation");
    System.arraycopy(small.toBytes(), 0, initiation, Initiation.EPHEMERAL, PublicKey.LENGTH);
    assertNull(ResponderHandshake.consumeInitiation(initiation, vectors.responder()));

    byte[] response = vectors.bytes("response");
    System.arraycopy(small.toBytes(), 0, response, Response.EPHEMERAL, PublicKey.LENGTH);
    assertNull(consumeResponse(vectors, vectors.initiated(), response));
  }

  @Test
  void peerWithoutAStaticSecretIsNotAuthenticated() {
    ResponderHandshake handshake =
        ResponderHandshake.consumeInitiation(vectors.bytes("initiation"), vectors.responder());
    assertNotNull(handshake);
    RemoteStatic erased = RemoteStatic.of(vectors.responder(), handshake.peer());
    assertTrue(erased.isUsable());
    erased.close();
    assertFalse(erased.isUsable());
    assertNull(handshake.authenticate(erased));
  }

  @Test
  void closedInitiatorHasForgottenItsSecrets() {
    InitiatorHandshake initiator = vectors.initiated();
    initiator.close();
    assertNull(consumeResponse(vectors, initiator, vectors.bytes("response")));
  }

  @Test
  void ephemeralOfAFailedInitiationIsErased() {
    PrivateKey ephemeral = vectors.privateKey("initiatorEphemeral");
    RemoteStatic remote = RemoteStatic.of(vectors.initiator(), PublicKey.of(new byte[PublicKey.LENGTH]));
    assertNull(InitiatorHandshake.create(vectors.initiator(), remote, ephemeral, vectors.timestamp(), 1));
    assertTrue(ephemeral.isZero());
  }

  @Test
  void responderErasesItsEphemeralOnceUsed() {
    PrivateKey ephemeral = vectors.privateKey("responderEphemeral");
    vectors.authenticated().createResponse(ephemeral, RESPONDER_INDEX, vectors.presharedKey());
    assertTrue(ephemeral.isZero());
  }

  @Test
  void keysExistOnlyAfterTheResponse() {
    ResponderHandshake handshake = vectors.authenticated();
    assertThrows(IllegalStateException.class, handshake::keys);
  }

  @Test
  void keysAreErasedAndNotPrinted() {
    TransportKeys keys = consumeResponse(vectors, vectors.initiated(), vectors.bytes("response"));
    assertNotNull(keys);
    assertEquals("TransportKeys(hidden)", keys.toString());
    keys.close();
    assertArrayEquals(new byte[32], keys.send());
    assertArrayEquals(new byte[32], keys.receive());
  }

  private boolean isAuthentic(byte[] initiation) {
    ResponderHandshake handshake = ResponderHandshake.consumeInitiation(initiation, vectors.responder());
    return handshake != null
        && handshake.authenticate(RemoteStatic.of(vectors.responder(), handshake.peer())) != null;
  }

  private static @Nullable TransportKeys consumeResponse(
      Vectors vectors, InitiatorHandshake initiator, byte[] response) {
    return initiator.consumeResponse(response, vectors.initiator(), vectors.presharedKey());
  }

  private static byte[] flipped(byte[] message, int bit) {
    message[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
    return message;
  }
}
