/**
 * jwg against itself and against wireguard-go, on real interfaces, in hosts made of Linux namespaces.
 *
 * <p>A {@link dev.jwg.it.Lab} makes {@link dev.jwg.it.Host}s and cables; a {@link dev.jwg.it.Tunnel} puts a
 * {@link dev.jwg.it.Side} on each of two hosts, run by the {@link dev.jwg.it.Software} that a {@link dev.jwg.it.Pair}
 * names. Nothing here uses jwg's own classes: everything goes through {@code target/jwg.jar}, {@code wg} and
 * {@code ip}, as a user's hands would. {@code -Djwg.pairs=wireguard-go} runs the same scenarios over wireguard-go
 * alone, to tell a fault of the lab from one of jwg.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.it;
