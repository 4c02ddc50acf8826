package dev.jwg.testing;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PublicKey;
import dev.jwg.crypto.TransportCipher;
import dev.jwg.crypto.X25519;
import dev.jwg.net.Endpoint;
import dev.jwg.net.IpAddress;
import dev.jwg.noise.InitiatorHandshake;
import dev.jwg.noise.LocalStatic;
import dev.jwg.noise.PeerCookie;
import dev.jwg.noise.RemoteStatic;
import dev.jwg.noise.ResponderHandshake;
import dev.jwg.noise.Tai64n;
import dev.jwg.noise.TransportKeys;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.Response;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer of one host that makes its messages one by one: the test decides what is in them, when and whence they go. */
public final class HandmadePeer {
  public static final Endpoint ENDPOINT = new Endpoint(IpAddress.v4(0xc6336403), 4_000); // 198.51.100.3
  public static final IpAddress INNER = IpAddress.v4(0x0a000003);

  private final World world;
  private final Host host;
  private final LocalStatic own;
  private final RemoteStatic remote;
  private final PeerCookie cookie;
  private int nextIndex = 0x1000;
  private @Nullable InitiatorHandshake pending;
  private @Nullable TransportKeys keys;
  private int hostIndex;

  /** Makes itself a peer of {@code host}, with an endpoint and an inner address. */
  public HandmadePeer(World world, Host host) {
    this.world = world;
    this.host = host;
    this.own = LocalStatic.of(X25519.generate(world.random()));
    this.remote = RemoteStatic.of(own, host.publicKey());
    this.cookie = new PeerCookie(host.publicKey());
    host.change(publicKey(), new PeerChange().endpoint(ENDPOINT).allow(INNER));
    world.settle();
  }

  public PublicKey publicKey() {
    return own.publicKey();
  }

  public PeerCookie cookie() {
    return cookie;
  }

  /** A fresh initiation that claims to be made at {@code time}. */
  public byte[] initiation(Instant time) {
    pending =
        Objects.requireNonNull(
            InitiatorHandshake.create(
                own, remote, X25519.generate(world.random()), Tai64n.of(time), nextIndex++));
    return stamped(pending.message().clone());
  }

  /** A fresh initiation of now. */
  public byte[] initiation() {
    return initiation(world.clock().wallTime());
  }

  /** The message with MACs made anew, as its author would after a change. */
  public byte[] stamped(byte[] message) {
    cookie.stamp(message, world.clock().nanoTime());
    return message;
  }

  /** A response to an initiation of the host. */
  public byte[] response(byte[] initiation, PresharedKey presharedKey) {
    ResponderHandshake handshake =
        Objects.requireNonNull(ResponderHandshake.consumeInitiation(initiation, own), "not for this peer");
    Objects.requireNonNull(handshake.authenticate(remote), "not by its host");
    byte[] response =
        Objects.requireNonNull(handshake.createResponse(X25519.generate(world.random()), nextIndex++, presharedKey));
    keys = handshake.keys();
    hostIndex = LittleEndian.getInt(initiation, 4);
    return stamped(response);
  }

  /** Sends from {@link #ENDPOINT}, and settles. */
  public void send(byte[] message) {
    sendFrom(ENDPOINT, message);
  }

  public void sendFrom(Endpoint from, byte[] message) {
    world.wire().send(from, host.endpoint(), message, 0);
    world.settle();
  }

  /** What the host sent to {@link #ENDPOINT} since the wire last forgot. */
  public List<Datagram> received() {
    return world.wire().sent().stream().filter(datagram -> datagram.to().sameRemote(ENDPOINT)).toList();
  }

  /** What the host sent of one kind. */
  public List<Datagram> received(Datagram.Kind kind) {
    return received().stream().filter(datagram -> datagram.kind() == kind).toList();
  }

  /** The one message of a kind that the host sent. */
  public byte[] onlyReceived(Datagram.Kind kind) {
    List<Datagram> all = received(kind);
    if (all.size() != 1) {
      throw new AssertionError("one " + kind + " is expected, not " + all.size());
    }
    return all.get(0).bytes();
  }

  /** Takes the keys out of the host's response to the last initiation. */
  public void consumeResponse(byte[] response) {
    keys =
        Objects.requireNonNull(
            Objects.requireNonNull(pending).consumeResponse(response, own, PresharedKey.none()), "not authentic");
    hostIndex = LittleEndian.getInt(response, Response.SENDER);
  }

  /** Completes a handshake that this peer initiates; the host waits for the first message on the session. */
  public void handshake() {
    world.wire().forget();
    send(initiation());
    consumeResponse(onlyReceived(Datagram.Kind.RESPONSE));
    world.wire().forget();
  }

  /** A genuine message on the latest session with whatever counter and plaintext. */
  public byte[] data(long counter, byte[] plaintext) {
    byte[] message = new byte[16 + plaintext.length + 16];
    LittleEndian.putInt(message, 0, 4);
    LittleEndian.putInt(message, 4, hostIndex);
    LittleEndian.putLong(message, 8, counter);
    System.arraycopy(plaintext, 0, message, 16, plaintext.length);
    OnePacket.seal(TransportCipher.of(Objects.requireNonNull(keys).send()), message, 16, plaintext.length, counter);
    return message;
  }

  /** The plaintext of a message that the host sent on the latest session. */
  public byte[] open(Datagram datagram) {
    byte[] bytes = datagram.bytes().clone();
    int sealedLength = bytes.length - 16;
    if (!OnePacket.open(TransportCipher.of(Objects.requireNonNull(keys).receive()), bytes, 16, sealedLength, datagram.counter())) {
      throw new AssertionError("not sealed with the latest session's key");
    }
    return Arrays.copyOfRange(bytes, 16, bytes.length - 16);
  }

  /** A packet that this peer may send. */
  public byte[] packet(int length, int seed) {
    return Packets.udp(INNER, host.inner(), length, seed);
  }
}
