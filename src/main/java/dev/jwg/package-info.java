/** A WireGuard endpoint on a TUN device. */
@org.jspecify.annotations.NullMarked
package dev.jwg;
