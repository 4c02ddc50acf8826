package dev.jwg.it;

import java.util.stream.Stream;

/** Who talks to whom: the initiator, which knows the responder's address, and the responder, which does not. */
record Pair(Software initiator, Software responder) {

  /**
   * The pairs that every scenario runs over: jwg with each. {@code -Djwg.pairs=REGEX} chooses by name, also among pairs
   * without jwg, which tell a fault of the lab from one of jwg.
   */
  static Stream<Pair> all() {
    String wanted = System.getProperty("jwg.pairs");
    Stream<Pair> withJwg = Stream.of(
        new Pair(Software.JWG, Software.JWG),
        new Pair(Software.JWG, Software.WIREGUARD_GO),
        new Pair(Software.WIREGUARD_GO, Software.JWG),
        new Pair(Software.JWG, Software.KERNEL_NEWEST),
        new Pair(Software.KERNEL_NEWEST, Software.JWG),
        new Pair(Software.JWG, Software.KERNEL_6_1),
        new Pair(Software.KERNEL_6_1, Software.JWG));
    if (wanted == null) {
      return withJwg;
    }
    Stream<Pair> withoutJwg = Stream.of(
        new Pair(Software.WIREGUARD_GO, Software.WIREGUARD_GO),
        new Pair(Software.KERNEL_NEWEST, Software.KERNEL_6_1));
    return Stream.concat(withJwg, withoutJwg).filter(pair -> pair.toString().matches(wanted));
  }

  boolean hasKernel() {
    return initiator.kernel().isPresent() || responder.kernel().isPresent();
  }

  boolean has(Software software) {
    return initiator == software || responder == software;
  }

  @Override
  public String toString() {
    return initiator + " calls " + responder;
  }
}
