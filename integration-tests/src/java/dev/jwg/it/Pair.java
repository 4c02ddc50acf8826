package dev.jwg.it;

import java.util.stream.Stream;

/** Who talks to whom: the initiator, which knows the responder's address, and the responder, which does not. */
record Pair(Software initiator, Software responder) {

  /** The pairs that every scenario runs over. */
  static Stream<Pair> all() {
    if ("wireguard-go".equals(System.getProperty("jwg.pairs"))) {
      return Stream.of(new Pair(Software.WIREGUARD_GO, Software.WIREGUARD_GO));
    }
    return Stream.of(
        new Pair(Software.JWG, Software.JWG),
        new Pair(Software.JWG, Software.WIREGUARD_GO),
        new Pair(Software.WIREGUARD_GO, Software.JWG));
  }

  boolean has(Software software) {
    return initiator == software || responder == software;
  }

  @Override
  public String toString() {
    return name(initiator) + " calls " + name(responder);
  }

  private static String name(Software software) {
    return software == Software.JWG ? "jwg" : "wireguard-go";
  }
}
