/**
 * The UAPI socket, through which {@code wg} and our own commands see and change an endpoint: its text, a server on
 * Netty's loop and a blocking client. May use device's value records, crypto's keys, net, route, linux and Netty.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.uapi;
