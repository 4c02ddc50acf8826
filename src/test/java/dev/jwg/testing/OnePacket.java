package dev.jwg.testing;

import dev.jwg.crypto.TransportCipher;

/** A run of one, for tests that look at a single packet. */
public final class OnePacket {
  private OnePacket() {}

  public static void seal(TransportCipher cipher, byte[] bytes, int offset, int length, long counter) {
    cipher.seal(bytes, new int[] {offset}, new int[] {length}, 0, 1, counter);
  }

  public static boolean open(TransportCipher cipher, byte[] bytes, int offset, int length, long counter) {
    boolean[] genuine = new boolean[1];
    cipher.open(bytes, new int[] {offset}, new int[] {length}, new long[] {counter}, 0, 1, genuine);
    return genuine[0];
  }
}
