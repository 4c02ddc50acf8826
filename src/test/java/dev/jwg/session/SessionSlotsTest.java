package dev.jwg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.jwg.testing.TransportKeyPair;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionSlotsTest {
  private final TransportKeyPair keys = TransportKeyPair.agree(new SecureRandom());
  private final Session first = session(1);
  private final Session second = session(2);
  private final Session third = session(3);
  private final Session fourth = session(4);

  private Session session(int index) {
    return new Session(keys.initiator(), index, 100 + index, true, 0, SessionLimits.WHITEPAPER);
  }

  @Test
  void aSessionStartedByUsIsCurrentAtOnceAndTheFormerOneStaysForReceiving() {
    SessionSlots slots = SessionSlots.EMPTY.startedByUs(first).startedByUs(second);
    assertEquals(new SessionSlots(/* previous= */ first, /* current= */ second, /* next= */ null), slots);
  }

  @Test
  void aSessionStartedByThePeerWaitsAsNextAndClearsPrevious() {
    SessionSlots slots = new SessionSlots(/* previous= */ first, /* current= */ second, /* next= */ null);
    assertEquals(
        new SessionSlots(/* previous= */ null, /* current= */ second, /* next= */ third), slots.startedByPeer(third));
  }

  @Test
  void aSecondSessionStartedByThePeerReplacesTheFirstUnconfirmedOne() {
    SessionSlots slots = new SessionSlots(/* previous= */ null, /* current= */ first, /* next= */ second);
    SessionSlots after = slots.startedByPeer(third);
    assertEquals(new SessionSlots(/* previous= */ null, /* current= */ first, /* next= */ third), after);
    assertEquals(List.of(second), slots.goneIn(after));
  }

  @Test
  void confirmationMovesNextToCurrentAndCurrentToPrevious() {
    SessionSlots slots = new SessionSlots(/* previous= */ null, /* current= */ first, /* next= */ second);
    assertEquals(
        new SessionSlots(/* previous= */ first, /* current= */ second, /* next= */ null), slots.confirmed());
  }

  @Test
  void aPendingNextBecomesPreviousWhenOurOwnHandshakeCompletes() {
    SessionSlots slots = new SessionSlots(/* previous= */ first, /* current= */ second, /* next= */ third);
    SessionSlots after = slots.startedByUs(fourth);
    assertEquals(new SessionSlots(/* previous= */ third, /* current= */ fourth, /* next= */ null), after);
    assertEquals(List.of(first, second), slots.goneIn(after));
  }

  @Test
  void findsEachSessionByItsOwnIndexOnly() {
    SessionSlots slots = new SessionSlots(first, second, third);
    assertSame(first, slots.find(1));
    assertSame(second, slots.find(2));
    assertSame(third, slots.find(3));
    assertNull(slots.find(4));
    assertNull(slots.find(101));
    assertNull(SessionSlots.EMPTY.find(0));
  }

  @Test
  void clearingLetsAllSessionsGo() {
    assertEquals(List.of(first, second, third), new SessionSlots(first, second, third).goneIn(SessionSlots.EMPTY));
  }
}
