/** The port to the host's inner packets: a TUN device. May use net and linux. */
@org.jspecify.annotations.NullMarked
package dev.jwg.tun;
