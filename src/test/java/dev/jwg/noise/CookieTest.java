package dev.jwg.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.protocol.CookieReply;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A responder under load, {@code checker}, and an initiator's {@code cookie} for it. */
final class CookieTest {
  private static final Endpoint V4 = new Endpoint(IpAddress.v4(0xc0000201), 51820);
  private static final Endpoint V6 = new Endpoint(IpAddress.v6(0x20010db800000000L, 1), 51820);
  private static final long NOW = Long.MAX_VALUE - 7; // any origin is allowed, so deadlines overflow
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Vectors vectors = new Vectors("without-psk");
  private final Vectors expected = new Vectors("cookie");
  private final CookieChecker checker = new CookieChecker(vectors.responder().publicKey(), new SecureRandom());
  private final PeerCookie cookie = new PeerCookie(vectors.responder().publicKey());

  @Test
  void mac1OfBothMessagesIsThatOfAnotherImplementation() {
    byte[] initiation = vectors.withoutMacs("initiation");
    cookie.stamp(initiation, NOW);
    assertArrayEquals(vectors.bytes("initiation"), initiation);

    byte[] response = vectors.withoutMacs("response");
    new PeerCookie(vectors.initiator().publicKey()).stamp(response, NOW);
    assertArrayEquals(vectors.bytes("response"), response);
  }

  @Test
  void replyAndMac2AreByteForByteThoseOfAnotherImplementation() {
    assertReplyAndMac2(V4, "replyV4", "mac2V4");
    assertReplyAndMac2(V6, "replyV6", "mac2V6");
  }

  private void assertReplyAndMac2(Endpoint source, String replyName, String mac2Name) {
    FixedRandom random = new FixedRandom(expected.bytes("nonce"), expected.bytes("secret"));
    CookieChecker fixed = new CookieChecker(vectors.responder().publicKey(), random);
    byte[] reply = fixed.createReply(stamped(), source, NOW);
    assertArrayEquals(expected.bytes(replyName), reply);

    assertTrue(cookie.consumeReply(reply));
    byte[] again = stamped();
    assertArrayEquals(expected.bytes(mac2Name), MessageMacs.readMac2(again));
    assertTrue(fixed.checkMac2(again, source, NOW));
  }

  @Test
  void mac1CoversEveryBitBeforeMac2() {
    byte[] message = stamped();
    assertTrue(checker.checkMac1(message));
    for (int bit = 0; bit < MessageMacs.mac2Offset(message) * Byte.SIZE; bit++) {
      assertFalse(checker.checkMac1(flipped(message, bit)), "bit " + bit);
    }
    assertFalse(new CookieChecker(vectors.initiator().publicKey(), new SecureRandom()).checkMac1(message));
  }

  @Test
  void mac2CoversEveryBit() {
    byte[] message = stampedWithCookieFor(V4);
    assertTrue(checker.checkMac2(message, V4, NOW));
    for (int bit = 0; bit < message.length * Byte.SIZE; bit++) {
      assertFalse(checker.checkMac2(flipped(message, bit), V4, NOW), "bit " + bit);
    }
  }

  @Test
  void messageWithoutACookieHasZerosForMac2() {
    byte[] message = vectors.withoutMacs("initiation");
    Arrays.fill(message, MessageMacs.mac2Offset(message), message.length, (byte) 1);
    cookie.stamp(message, NOW);
    assertArrayEquals(new byte[16], MessageMacs.readMac2(message));
    assertFalse(checker.checkMac2(message, V4, NOW));
  }

  @Test
  void cookieBindsAddressAndPort() {
    byte[] message = stampedWithCookieFor(V4);
    assertFalse(checker.checkMac2(message, new Endpoint(V4.address(), 51821), NOW));
    assertFalse(checker.checkMac2(message, new Endpoint(V4.address(), 51820 ^ 0x100), NOW));
    assertFalse(checker.checkMac2(message, new Endpoint(IpAddress.v4(0xc0000202), 51820), NOW));
    assertFalse(checker.checkMac2(message, V6, NOW));

    byte[] overV6 = stampedWithCookieFor(V6);
    assertFalse(checker.checkMac2(overV6, new Endpoint(IpAddress.v6(0x20010db800000000L, 2), 51820), NOW));
    assertFalse(checker.checkMac2(overV6, new Endpoint(IpAddress.v6(0x20010db800000001L, 1), 51820), NOW));
  }

  @Test
  void cookieDoesNotBindOurOwnSide() {
    byte[] message = stampedWithCookieFor(V4);
    Endpoint elsewhere =
        new Endpoint(V4.address(), V4.port(), 0, new Endpoint.Source(IpAddress.v4(0x0a000001), 3));
    assertTrue(checker.checkMac2(message, elsewhere, NOW));
  }

  @Test
  void secretIsRenewedAfter120Seconds() {
    byte[] message = stampedWithCookieFor(V4);
    assertTrue(checker.checkMac2(message, V4, NOW + 120 * SECOND - 1));
    assertFalse(checker.checkMac2(message, V4, NOW + 120 * SECOND));
    assertFalse(checker.checkMac2(message, V4, NOW + 120 * SECOND + 1));
  }

  @Test
  void senderStopsUsingACookieAfter115Seconds() {
    assertTrue(cookie.consumeReply(checker.createReply(stamped(), V4, NOW)));
    byte[] message = vectors.withoutMacs("initiation");
    cookie.stamp(message, NOW + 115 * SECOND - 1);
    assertTrue(checker.checkMac2(message, V4, NOW + 115 * SECOND - 1));
    cookie.stamp(message, NOW + 115 * SECOND);
    assertArrayEquals(new byte[16], MessageMacs.readMac2(message));
  }

  @Test
  void responsesCarryMac2Too() {
    assertTrue(cookie.consumeReply(checker.createReply(stamped(), V4, NOW)));
    byte[] response = vectors.withoutMacs("response");
    cookie.stamp(response, NOW);
    assertTrue(checker.checkMac1(response));
    assertTrue(checker.checkMac2(response, V4, NOW));
  }

  @Test
  void replyIsTakenOnce() {
    byte[] reply = checker.createReply(stamped(), V4, NOW);
    assertTrue(cookie.consumeReply(reply));
    assertFalse(cookie.consumeReply(reply));
  }

  @Test
  void replyToAnEarlierMessageIsRefused() {
    byte[] reply = checker.createReply(stamped(), V4, NOW);
    cookie.stamp(new Vectors("with-psk").withoutMacs("response"), NOW);
    assertFalse(cookie.consumeReply(reply));
  }

  @Test
  void replyToNothingIsRefused() {
    assertFalse(cookie.consumeReply(expected.bytes("replyV4")));
  }

  /** The receiver index is what the reply is found by; it is not authenticated. */
  @Test
  void everyAlteredBitOfAReplyIsNoticedAndTheGenuineOneStillTaken() {
    byte[] reply = checker.createReply(stamped(), V4, NOW);
    for (int bit = 0; bit < reply.length * Byte.SIZE; bit++) {
      if (bit / Byte.SIZE < CookieReply.RECEIVER || bit / Byte.SIZE >= CookieReply.NONCE) {
        assertFalse(cookie.consumeReply(flipped(reply, bit)), "bit " + bit);
      }
    }
    assertTrue(cookie.consumeReply(reply));
  }

  @Test
  void replyOfAnotherLengthIsRefused() {
    byte[] reply = checker.createReply(stamped(), V4, NOW);
    for (int length = 0; length <= 2 * CookieReply.LENGTH; length++) {
      if (length != CookieReply.LENGTH) {
        assertFalse(cookie.consumeReply(Arrays.copyOf(reply, length)), "length " + length);
      }
    }
    assertTrue(cookie.consumeReply(reply));
  }

  @Test
  void everyReplyHasANonceOfItsOwn() {
    byte[] first = checker.createReply(stamped(), V4, NOW);
    byte[] second = checker.createReply(stamped(), V4, NOW);
    assertFalse(Arrays.equals(nonce(first), nonce(second)));
    assertEquals(CookieReply.LENGTH, second.length);
  }

  private byte[] stamped() {
    byte[] message = vectors.withoutMacs("initiation");
    cookie.stamp(message, NOW);
    return message;
  }

  private byte[] stampedWithCookieFor(Endpoint source) {
    assertTrue(cookie.consumeReply(checker.createReply(stamped(), source, NOW)));
    return stamped();
  }

  private static byte[] nonce(byte[] reply) {
    return Arrays.copyOfRange(reply, CookieReply.NONCE, CookieReply.COOKIE);
  }

  private static byte[] flipped(byte[] message, int bit) {
    byte[] altered = message.clone();
    altered[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
    return altered;
  }
}
