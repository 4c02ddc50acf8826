package dev.jwg.testing;

import dev.jwg.net.Endpoint;
import dev.jwg.protocol.LittleEndian;
import dev.jwg.protocol.MessageType;
import dev.jwg.protocol.TransportData;
import java.time.Duration;

/**
 * What was sent into the wire.
 *
 * @param sentAt since the clock's origin
 * @param to with the local address that the sender asked for
 * @param bytes nobody else's
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Datagram(Duration sentAt, Endpoint from, Endpoint to, byte[] bytes, int tos) {

  /** The kinds of messages, keepalives told apart from data. */
  public enum Kind {
    INITIATION,
    RESPONSE,
    COOKIE_REPLY,
    KEEPALIVE,
    DATA,
    OTHER
  }

  public Kind kind() {
    MessageType type = MessageType.classify(bytes, 0, bytes.length);
    if (type == null) {
      return Kind.OTHER;
    }
    return switch (type) {
      case INITIATION -> Kind.INITIATION;
      case RESPONSE -> Kind.RESPONSE;
      case COOKIE_REPLY -> Kind.COOKIE_REPLY;
      case TRANSPORT_DATA -> bytes.length == TransportData.MIN_LENGTH ? Kind.KEEPALIVE : Kind.DATA;
    };
  }

  /** The sender's index of an initiation or response. */
  public int senderIndex() {
    return LittleEndian.getInt(bytes, 4);
  }

  /** The receiver's index of a cookie reply or transport data message. */
  public int receiverIndex() {
    return LittleEndian.getInt(bytes, TransportData.RECEIVER);
  }

  public long counter() {
    return LittleEndian.getLong(bytes, TransportData.COUNTER);
  }
}
