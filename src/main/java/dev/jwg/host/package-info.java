/**
 * What {@code wg-quick} does to the host, without a shell: addresses, MTU, routes, policy rules, and how all of it is
 * undone. Begin with {@link dev.jwg.host.HostNetwork}. May use net, route, linux and config's values.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.host;
