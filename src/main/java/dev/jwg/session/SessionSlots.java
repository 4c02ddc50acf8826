package dev.jwg.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A peer's sessions; immutable, so that the data path reads all three at one moment.
 *
 * @param previous still opened, never sealed with: what is under way when the current one takes over
 * @param current sealed with and opened
 * @param next a responder's new session, not sealed with until the initiator's first message proves that it has it
 */
public record SessionSlots(@Nullable Session previous, @Nullable Session current, @Nullable Session next) {

  public static final SessionSlots EMPTY = new SessionSlots(null, null, null);

  /** The session that the peer addresses by {@code localIndex}. */
  public @Nullable Session find(int localIndex) {
    if (current != null && current.localIndex() == localIndex) {
      return current;
    }
    if (next != null && next.localIndex() == localIndex) {
      return next;
    }
    return previous != null && previous.localIndex() == localIndex ? previous : null;
  }

  /**
   * After our initiation was answered: the new session is in use at once. A pending next becomes the previous, since the
   * peer may already be sending with it.
   */
  public SessionSlots startedByUs(Session session) {
    return new SessionSlots(/* previous= */ next != null ? next : current, /* current= */ session, /* next= */ null);
  }

  /** After we answered an initiation: the new session waits for its confirmation. */
  public SessionSlots startedByPeer(Session session) {
    return new SessionSlots(/* previous= */ null, /* current= */ current, /* next= */ session);
  }

  /** After a genuine message on the next session: it takes over. */
  public SessionSlots confirmed() {
    return new SessionSlots(/* previous= */ current, /* current= */ next, /* next= */ null);
  }

  /** The sessions held here and no longer in {@code after}. */
  public List<Session> goneIn(SessionSlots after) {
    List<Session> gone = new ArrayList<>(3);
    for (Session session : all()) {
      if (after.find(session.localIndex()) != session) {
        gone.add(session);
      }
    }
    return gone;
  }

  /** The sessions held, in no particular order. */
  public List<Session> all() {
    List<Session> all = new ArrayList<>(3);
    for (@Nullable Session session : new Session[] {previous, current, next}) {
      if (session != null) {
        all.add(session);
      }
    }
    return all;
  }
}
