package dev.jwg.noise;

import dev.jwg.crypto.PresharedKey;
import dev.jwg.crypto.PrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;

/** One of the resource files with the bytes that an independent implementation made from fixed keys. */
final class Vectors {
  static final int INITIATOR_INDEX = 0x89abcdef;
  static final int RESPONDER_INDEX = 0x01234567;

  private final Properties properties = new Properties();

  Vectors(String name) {
    try (InputStream file = Vectors.class.getResourceAsStream(name + ".properties")) {
      properties.load(Objects.requireNonNull(file, name));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  byte[] bytes(String name) {
    return HexFormat.of().parseHex(Objects.requireNonNull(properties.getProperty(name), name));
  }

  /** Without its MACs, as a handshake makes and consumes it. */
  byte[] withoutMacs(String name) {
    byte[] message = bytes(name);
    Arrays.fill(message, MessageMacs.mac1Offset(message), message.length, (byte) 0);
    return message;
  }

  PrivateKey privateKey(String name) {
    return PrivateKey.of(bytes(name));
  }

  LocalStatic initiator() {
    return LocalStatic.of(privateKey("initiatorStatic"));
  }

  LocalStatic responder() {
    return LocalStatic.of(privateKey("responderStatic"));
  }

  PresharedKey presharedKey() {
    return PresharedKey.of(bytes("presharedKey"));
  }

  Tai64n timestamp() {
    return Tai64n.read(bytes("timestamp"), 0);
  }

  /** The initiator's handshake, its initiation made. */
  InitiatorHandshake initiated() {
    RemoteStatic remote = RemoteStatic.of(initiator(), responder().publicKey());
    return Objects.requireNonNull(
        InitiatorHandshake.create(
            initiator(), remote, privateKey("initiatorEphemeral"), timestamp(), INITIATOR_INDEX));
  }

  /** The responder's handshake, the initiation authenticated. */
  ResponderHandshake authenticated() {
    ResponderHandshake handshake =
        Objects.requireNonNull(ResponderHandshake.consumeInitiation(bytes("initiation"), responder()));
    Objects.requireNonNull(handshake.authenticate(RemoteStatic.of(responder(), handshake.peer())));
    return handshake;
  }
}
