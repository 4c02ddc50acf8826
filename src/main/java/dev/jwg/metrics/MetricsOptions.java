package dev.jwg.metrics;

import dev.jwg.crypto.PublicKey;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where an endpoint is watched.
 *
 * @param address where to listen
 * @param readyPeer the peer without whose recent handshake the endpoint is not ready
 */
public record MetricsOptions(InetSocketAddress address, Optional<PublicKey> readyPeer) {}
