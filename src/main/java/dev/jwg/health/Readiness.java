package dev.jwg.health;

/** What an endpoint must be to be ready. Each returns in one line what it lacks, or nothing but {@link #READY}. */
public final class Readiness {
  public static final String READY = "ready";

  /** A session older than this is not used any more (whitepaper section 6.1, REJECT_AFTER_TIME). */
  public static final long HANDSHAKE_VALID_SECONDS = 180;

  private Readiness() {}

  /** The endpoint for itself; it is starting until PostUp has ended. */
  public static String ofInterface(boolean isStarting, boolean up, boolean hasPrivateKey) {
    if (isStarting) {
      return "it is still starting";
    }
    if (!hasPrivateKey) {
      return "it has no private key";
    }
    return up ? READY : "the interface is down or its port is not bound";
  }

  /**
   * The endpoint with one peer.
   *
   * @param peer how to name it
   * @param lastHandshakeSeconds since the epoch; 0 for none
   */
  public static String ofPeer(String peer, long lastHandshakeSeconds, long nowSeconds) {
    if (lastHandshakeSeconds == 0) {
      return "no handshake yet with peer " + peer;
    }
    long age = nowSeconds - lastHandshakeSeconds;
    if (age <= -HANDSHAKE_VALID_SECONDS) {
      return "the clock was set back: the latest handshake with peer " + peer + " is " + -age + " seconds ahead";
    }
    return age < HANDSHAKE_VALID_SECONDS
        ? READY
        : "the latest handshake with peer " + peer + " is " + age + " seconds old";
  }

  /** A peer that the endpoint does not know. */
  public static String ofUnknownPeer(String peer) {
    return "it has no peer " + peer;
  }
}
