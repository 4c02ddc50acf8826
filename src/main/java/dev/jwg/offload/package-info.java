/**
 * Large packets between a TUN device and the tunnel: one read of it stands for many packets of a flow, and many packets
 * that arrive become one write. Arithmetic on bytes only, no input or output. May use net.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.offload;
