package dev.jwg.noise;

import java.util.Arrays;

/** The two keys that a handshake ends with, from one side's point of view. Whoever gets them erases them. */
public final class TransportKeys implements AutoCloseable {
  private final byte[] send;
  private final byte[] receive;

  TransportKeys(byte[] send, byte[] receive) {
    this.send = send;
    this.receive = receive;
  }

  /** The array itself, which {@link #close} zeroes. */
  public byte[] send() {
    return send;
  }

  /** The array itself, which {@link #close} zeroes. */
  public byte[] receive() {
    return receive;
  }

  @Override
  public String toString() {
    return "TransportKeys(hidden)";
  }

  @Override
  public void close() {
    Arrays.fill(send, (byte) 0);
    Arrays.fill(receive, (byte) 0);
  }
}
