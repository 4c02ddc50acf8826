package dev.jwg.device;

/** Why a packet, datagram or handshake message died. */
public enum Drop {
  /** Not a WireGuard message: wrong type, length or reserved bytes. */
  MALFORMED_DATAGRAM,
  /** No session or handshake of ours has the receiver index. */
  UNKNOWN_RECEIVER,
  /** The session is too old, or the counter beyond the last allowed. */
  SESSION_EXPIRED,
  /** The authentication tag is wrong: forged, damaged, or sealed with another key. */
  BAD_TAG,
  /** The counter was seen before, or lies behind the replay window. */
  REPLAYED,
  /** Decrypted, but not an IP packet, or one longer than its message. */
  MALFORMED_INNER_PACKET,
  /** Decrypted, but the inner source address is not among the peer's allowed IPs. */
  SOURCE_NOT_ALLOWED,

  /** From the host, but not an IP packet. */
  MALFORMED_PACKET,
  /** No peer's allowed IPs hold the destination address. */
  NO_PEER_FOR_DESTINATION,
  /** The peer's endpoint is not known yet. */
  NO_ENDPOINT,
  /** More packets waited for a session than are staged; the oldest went. */
  STAGING_OVERFLOW,
  /** Staged until the handshake was given up, the peer removed or the interface set down. */
  NO_SESSION,
  /** The only route to the peer's endpoint leads into the interface itself. */
  ROUTING_LOOP,
  /** The interface is down. */
  INTERFACE_DOWN,

  /** More handshake messages waited than the queue holds. */
  HANDSHAKE_QUEUE_FULL,
  /** mac1 is wrong: the sender does not know our public key. */
  BAD_MAC1,
  /** Under load: answered with a cookie reply instead of a handshake. */
  COOKIE_DEMANDED,
  /** Under load: more initiations than the source may send. */
  RATE_LIMITED,
  /** The initiation does not decrypt, or its static key is no peer's. */
  UNKNOWN_INITIATOR,
  /** The initiation's timestamp is not newer than the last one: a replay, or the peer's clock was set back. */
  OLD_TIMESTAMP,
  /** Less than 20 ms since the peer's last initiation. */
  INITIATION_FLOOD,
  /** The response does not authenticate: wrong preshared key, forged, or late. */
  BAD_RESPONSE,
  /** The cookie reply does not authenticate, or answers none of our messages. */
  BAD_COOKIE_REPLY,
  /** We have no private key. */
  NO_PRIVATE_KEY
}
