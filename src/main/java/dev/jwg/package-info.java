/**
 * A WireGuard endpoint on a TUN device.
 *
 * <p>Follow a packet by opening these, in this order:
 *
 * <ul>
 *   <li>send: {@code tun.TunQueue} → {@code device.SendPath} → {@code route.AllowedIps} → {@code session.Session#seal} →
 *       {@code udp.ShardSockets}
 *   <li>receive: {@code udp.ShardSockets} → {@code device.ReceivePath} → {@code session.IndexTable} → {@code
 *       session.Session#open} → {@code route.AllowedIps} → {@code tun.TunQueue}
 *   <li>handshake: {@code device.ReceivePath} → {@code device.HandshakePath} → {@code noise.CookieChecker} → {@code
 *       noise.ResponderHandshake} or {@code noise.InitiatorHandshake} → {@code session.SessionSlots} → {@code
 *       udp.LinuxUdp}
 * </ul>
 *
 * <p>Data shards, on most machines one, run the first two walks to completion, each on a thread of its own with its own
 * queue of the interface and its own sockets; what they share they mostly read. The control thread does all else. {@code
 * daemon.Daemon} puts the pieces together.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg;
