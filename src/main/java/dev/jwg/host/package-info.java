/**
 * What {@code wg-quick} does to the host: addresses, MTU, routes and policy rules, without a shell
 * ({@link dev.jwg.host.HostNetwork}); name servers ({@link dev.jwg.host.Dns}); the user's own commands
 * ({@link dev.jwg.host.ShellHooks}); and how all of it is undone. May use net, route, linux and config's values.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.host;
