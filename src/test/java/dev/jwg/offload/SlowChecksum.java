package dev.jwg.offload;

/** The Internet checksum as RFC 1071 explains it, for comparison. */
final class SlowChecksum {
  private SlowChecksum() {}

  static int sum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum = fold(sum + ((bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0)));
    }
    return sum;
  }

  static int fold(int sum) {
    return sum > 0xffff ? fold((sum & 0xffff) + (sum >>> 16)) : sum;
  }

  static int finish(int sum) {
    return 0xffff - fold(sum);
  }

  static int pseudoHeader(byte[] packet, int protocol, int length) {
    boolean isV6 = packet[0] >>> 4 == 6;
    return sum(packet, isV6 ? 8 : 12, isV6 ? 40 : 20) + protocol + length;
  }
}
