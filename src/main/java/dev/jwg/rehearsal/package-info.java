/**
 * The data path's code run on made-up packets before the first real ones come. Touches no device, peer or socket. May use
 * session, noise, offload, route, crypto and net.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.rehearsal;
