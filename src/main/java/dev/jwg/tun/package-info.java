/** The port to the host's inner packets: a TUN device. May use net, linux and offload. */
@org.jspecify.annotations.NullMarked
package dev.jwg.tun;
