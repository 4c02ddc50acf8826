package dev.jwg.it;

/** The protocol that carries the tunnel. */
enum Family {
  IPV4,
  IPV6
}
