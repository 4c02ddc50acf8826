package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.crypto.TransportCipher;
import dev.jwg.net.Batch;
import dev.jwg.protocol.Limits;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.session.Session.Opened;
import dev.jwg.testing.OnePacket;
import dev.jwg.testing.SecretSearch;
import dev.jwg.testing.TransportKeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SessionTest {
  /** Just before {@code nanoTime} overflows. */
  private static final long BORN_NS = Long.MAX_VALUE - 5;

  private static final int PACKET_LENGTH = 48;
  private static final int INITIATOR_INDEX = 0x11111111;
  private static final int RESPONDER_INDEX = 0x22222222;

  private final TransportKeyPair keys = TransportKeyPair.agree(new SecureRandom());
  private final Session initiator = initiator(0);
  private final Session responder =
      new Session(keys.responder(), RESPONDER_INDEX, INITIATOR_INDEX, false, BORN_NS, SessionLimits.WHITEPAPER);

  private Session initiator(long firstCounter) {
    return new Session(
        keys.initiator(), INITIATOR_INDEX, RESPONDER_INDEX, true, BORN_NS, SessionLimits.WHITEPAPER, firstCounter);
  }

  private static long after(int seconds) {
    return BORN_NS + TimeUnit.SECONDS.toNanos(seconds);
  }

  private static Batch packet() {
    Batch batch = new Batch(4096, 4);
    byte[] bytes = new byte[PACKET_LENGTH];
    Arrays.fill(bytes, (byte) 0x5a);
    batch.append(bytes, 0, bytes.length);
    return batch;
  }

  /** A genuine message to the responder with whatever counter. */
  private Batch message(long counter) {
    Batch batch = new Batch(4096, 4);
    int message = batch.append(32 + PACKET_LENGTH);
    LittleEndian.putInt(batch.bytes(), message, 4);
    LittleEndian.putInt(batch.bytes(), message + 4, RESPONDER_INDEX);
    LittleEndian.putLong(batch.bytes(), message + 8, counter);
    OnePacket.seal(TransportCipher.of(keys.initiator().send()), batch.bytes(), message + 16, PACKET_LENGTH, counter);
    return batch;
  }

  private Opened open(Batch batch, long nowNs) {
    Verdicts verdicts = new Verdicts();
    responder.open(batch, 0, 1, nowNs, verdicts);
    return verdicts.of(0);
  }

  private Opened open(Batch batch, int afterSeconds) {
    return open(batch, after(afterSeconds));
  }

  @Test
  void whatOneSideSealsTheOtherOpens() {
    Batch batch = packet();
    assertEquals(1, initiator.seal(batch, 0, 1));
    assertEquals(32 + PACKET_LENGTH, batch.length(0));
    assertEquals(RESPONDER_INDEX, LittleEndian.getInt(batch.bytes(), batch.offset(0) + 4));
    assertEquals(Opened.OK, open(batch, 0));
    byte[] opened = Arrays.copyOfRange(batch.bytes(), batch.offset(0), batch.offset(0) + batch.length(0));
    byte[] expected = new byte[PACKET_LENGTH];
    Arrays.fill(expected, (byte) 0x5a);
    assertArrayEquals(expected, opened);
  }

  @Test
  void paddingIsZeroWhateverTheBatchHeldBefore() {
    Batch batch = packet();
    int offset = batch.offset(0);
    Arrays.fill(batch.bytes(), offset + PACKET_LENGTH, offset + PACKET_LENGTH + 31, (byte) 0xff);
    batch.pad(0, PACKET_LENGTH + 15);
    assertEquals(1, initiator.seal(batch, 0, 1));
    assertEquals(Opened.OK, open(batch, 0));
    assertEquals(PACKET_LENGTH + 15, batch.length(0));
    for (int i = PACKET_LENGTH; i < PACKET_LENGTH + 15; i++) {
      assertEquals(0, batch.bytes()[batch.offset(0) + i]);
    }
  }

  @Test
  void countersBeginAtZeroAndGoUpByOne() {
    for (long counter = 0; counter < 100; counter++) {
      Batch batch = packet();
      initiator.seal(batch, 0, 1);
      assertEquals(counter, LittleEndian.getLong(batch.bytes(), batch.offset(0) + 8));
    }
  }

  @Test
  void sendingIsRefusedAtTheRejectLimitAndStaysRefused() {
    Session worn = initiator(Limits.REJECT_AFTER_MESSAGES - 2);
    assertTrue(worn.canSend(BORN_NS));
    assertEquals(1, worn.seal(packet(), 0, 1));
    assertEquals(1, worn.seal(packet(), 0, 1));
    for (int i = 0; i < 20_000; i++) { // more than are left until the counter would wrap around
      Batch batch = packet();
      assertEquals(0, worn.seal(batch, 0, 1), "call " + i);
      assertEquals(PACKET_LENGTH, batch.length(0), "untouched");
      assertFalse(worn.canSend(BORN_NS), "call " + i);
    }
  }

  @Test
  void aRunEndsWithTheLastCounter() {
    Session worn = initiator(Limits.REJECT_AFTER_MESSAGES - 2);
    Batch batch = new Batch(4096, 3);
    for (int slot = 0; slot < 3; slot++) {
      batch.append(PACKET_LENGTH);
    }
    assertEquals(2, worn.seal(batch, 0, 3));
    assertEquals(
        Limits.REJECT_AFTER_MESSAGES - 1, LittleEndian.getLong(batch.bytes(), batch.offset(1) + 8));
    assertEquals(PACKET_LENGTH, batch.length(2), "untouched");
    assertEquals(2, worn.seal(batch, 2, 3));
  }

  @Test
  void oneRunOpensItsGenuineMessagesAndNoOther() {
    Batch batch = new Batch(4096, 4);
    for (long counter : new long[] {7, 8, 7, 9}) {
      Batch one = message(counter);
      batch.append(one.bytes(), one.offset(0), one.length(0));
    }
    batch.bytes()[batch.offset(1) + 40] ^= 1;
    Verdicts verdicts = new Verdicts();
    responder.open(batch, 0, 4, BORN_NS, verdicts);
    assertEquals(Opened.OK, verdicts.of(0));
    assertEquals(Opened.BAD_TAG, verdicts.of(1));
    assertEquals(Opened.REPLAYED, verdicts.of(2));
    assertEquals(Opened.OK, verdicts.of(3));
    assertEquals(PACKET_LENGTH, batch.length(0));
    assertEquals(32 + PACKET_LENGTH, batch.length(1), "a refused message keeps its bounds");
    assertEquals(32 + PACKET_LENGTH, batch.length(2), "a refused message keeps its bounds");
  }

  @Test
  void receivingBeyondTheRejectLimitIsRefused() {
    for (long counter : new long[] {Limits.REJECT_AFTER_MESSAGES, Limits.REJECT_AFTER_MESSAGES + 1, -1}) {
      assertEquals(Opened.EXPIRED, open(message(counter), 0), Long.toUnsignedString(counter));
    }
    assertEquals(Opened.OK, open(message(Limits.REJECT_AFTER_MESSAGES - 1), 0));
  }

  @Test
  void aForgedHighCounterMovesNothing() {
    Batch forged = message(5);
    LittleEndian.putLong(forged.bytes(), forged.offset(0) + 8, Limits.REJECT_AFTER_MESSAGES - 1);
    assertEquals(Opened.BAD_TAG, open(forged, 0));
    assertEquals(Opened.OK, open(message(0), 0));
    assertEquals(Opened.OK, open(message(5), 0));
  }

  @Test
  void aForgeryDoesNotSpoilTheGenuineMessageOfTheSameCounter() {
    Batch forged = message(3);
    forged.bytes()[forged.offset(0) + 20] ^= 1;
    assertEquals(Opened.BAD_TAG, open(forged, 0));
    assertEquals(Opened.BAD_TAG, open(forged, 0));
    assertEquals(Opened.OK, open(message(3), 0));
    assertEquals(Opened.REPLAYED, open(message(3), 0));
  }

  @Test
  void nothingIsSentOrReceivedFromTheAgeOf180SecondsOn() {
    assertTrue(initiator.canSend(after(180) - 1));
    assertFalse(initiator.canSend(after(180)));
    assertEquals(Opened.OK, open(message(1), after(180) - 1));
    assertEquals(Opened.EXPIRED, open(message(2), 180));
  }

  @Test
  void onlyTheInitiatorRekeysByAge() {
    assertFalse(initiator.wantsRekeyOnSend(after(120) - 1));
    assertTrue(initiator.wantsRekeyOnSend(after(120)));
    assertFalse(responder.wantsRekeyOnSend(after(121)));
    assertFalse(initiator.wantsRekeyOnReceive(after(165) - 1));
    assertTrue(initiator.wantsRekeyOnReceive(after(165)));
    assertFalse(responder.wantsRekeyOnReceive(after(179)));
  }

  @Test
  void eitherSideRekeysByMessagesSent() {
    assertFalse(initiator(Limits.REKEY_AFTER_MESSAGES).wantsRekeyOnSend(BORN_NS));
    assertTrue(initiator(Limits.REKEY_AFTER_MESSAGES + 1).wantsRekeyOnSend(BORN_NS));
    Session sender =
        new Session(keys.responder(), 1, 2, false, BORN_NS, SessionLimits.WHITEPAPER, Long.MIN_VALUE);
    assertTrue(sender.wantsRekeyOnSend(BORN_NS), "the counter is unsigned");
  }

  @Test
  void expiredSendingStillReceives() {
    responder.expireSending();
    assertFalse(responder.canSend(BORN_NS));
    assertEquals(Opened.OK, open(message(0), 0));
  }

  @Test
  void eraseLeavesNoKeyBehind() {
    byte[] send = keys.initiator().send().clone();
    byte[] receive = keys.initiator().receive().clone();
    initiator.seal(packet(), 0, 1);
    assertTrue(SecretSearch.finds(send, initiator), "the search finds the key while it is there");
    assertTrue(SecretSearch.finds(receive, initiator));
    initiator.erase();
    assertFalse(SecretSearch.finds(send, initiator));
    assertFalse(SecretSearch.finds(receive, initiator));
  }

  @Test
  void anErasedSessionNeitherSendsNorReceives() {
    responder.erase();
    assertFalse(responder.canSend(BORN_NS));
    assertEquals(Opened.BAD_TAG, open(message(0), 0));
    assertThrows(IllegalStateException.class, () -> responder.seal(packet(), 0, 1));
  }

  @Test
  void theSessionHasKeysOfItsOwn() {
    Batch genuine = message(0);
    keys.initiator().close();
    keys.responder().close();
    assertEquals(Opened.OK, open(genuine, 0));
  }

  @Test
  void noKeyIsInTheText() {
    for (byte[] key : new byte[][] {keys.initiator().send(), keys.initiator().receive()}) {
      String text = initiator + " " + new SessionSlots(initiator, responder, null) + " " + keys.initiator();
      assertFalse(text.contains(Base64.getEncoder().encodeToString(key)));
      assertFalse(text.contains(HexFormat.of().formatHex(key)));
      assertFalse(text.contains(Arrays.toString(key)));
    }
  }
}
