package dev.jwg.route;

/**
 * A prefix given to a peer, which takes it from any other, or taken away if it is this peer's.
 *
 * @param remove whether it is taken away
 */
public record AllowedIpChange(IpPrefix prefix, boolean remove) {}
