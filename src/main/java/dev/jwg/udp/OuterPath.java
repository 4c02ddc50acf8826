package dev.jwg.udp;

import dev.jwg.net.IpAddress;

/**
 * The way that the host's routing gives a datagram.
 *
 * @param interfaceIndex the interface that it leaves by
 * @param source the address that it leaves from
 */
public record OuterPath(int interfaceIndex, IpAddress source) {}
