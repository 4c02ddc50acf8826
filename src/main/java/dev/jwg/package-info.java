/**
 * A WireGuard endpoint on a TUN device.
 *
 * <p>Follow a packet by opening these, in this order:
 *
 * <ul>
 *   <li>send: {@code tun.LinuxTun} → {@code device.SendPath} → {@code route.AllowedIps} → {@code session.Session#seal} →
 *       {@code udp.LinuxUdp}
 *   <li>receive: {@code udp.LinuxUdp} → {@code device.ReceivePath} → {@code session.IndexTable} → {@code
 *       session.Session#open} → {@code route.AllowedIps} → {@code tun.LinuxTun}
 *   <li>handshake: {@code device.ReceivePath} → {@code device.HandshakePath} → {@code noise.CookieChecker} → {@code
 *       noise.ResponderHandshake} or {@code noise.InitiatorHandshake} → {@code session.SessionSlots} → {@code
 *       udp.LinuxUdp}
 * </ul>
 *
 * <p>Two threads: the data shard runs the first two walks to completion, the control thread does all else. {@code
 * daemon.Daemon} puts the pieces together.
 */
@org.jspecify.annotations.NullMarked
package dev.jwg;
