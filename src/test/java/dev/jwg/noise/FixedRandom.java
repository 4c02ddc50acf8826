package dev.jwg.noise;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Gives out what the test says, each piece for one request. */
final class FixedRandom extends SecureRandom {
  private static final long serialVersionUID = 1;
  private final transient Queue<byte[]> pieces;

  FixedRandom(byte[]... pieces) {
    this.pieces = new ArrayDeque<>(List.of(pieces));
  }

  @Override
  public void nextBytes(byte[] bytes) {
    System.arraycopy(pieces.remove(), 0, bytes, 0, bytes.length);
  }
}
