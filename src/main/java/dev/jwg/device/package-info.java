/**
 * The WireGuard device: its peers, their timers, and the three paths (send, receive, handshake) between the ports.
 * May use noise, session, route, crypto, protocol, time, net, jfr and the ports tun and udp; knows no file, socket or JNA.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg.device;
