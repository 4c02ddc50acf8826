/**
 * jwg against itself, wireguard-go and the kernel, on real interfaces, in hosts made of Linux namespaces.
 *
 * <p>A {@link dev.jwg.it.Lab} makes {@link dev.jwg.it.Host}s and cables; a {@link dev.jwg.it.Tunnel} puts a
 * {@link dev.jwg.it.Side} on each of two hosts, run by the {@link dev.jwg.it.Software} that a {@link dev.jwg.it.Pair}
 * names, and joins them by a {@link dev.jwg.it.Switch}. A host is a namespace of this machine; where its software is a
 * kernel, of a {@link dev.jwg.it.Guest} with that kernel, a virtual machine that the {@link dev.jwg.it.Rack} keeps from
 * test to test. Nothing here uses jwg's own classes: everything goes through {@code target/jwg.jar}, {@code wg} and
 * {@code ip}, as a user's hands would. {@code -Djwg.pairs=REGEX} runs the scenarios over the pairs of that name only,
 * also over some without jwg, as {@code 'wireguard-go calls wireguard-go'}, to tell a fault of the lab from one of jwg.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.it;
