package dev.jwg.net;

/** Dotted quads as inet_pton(3) reads them: four decimal numbers, no leading zeros, nothing abbreviated. */
final class Ipv4Text {
  private Ipv4Text() {}

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none
   */
  static int parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("an IPv4 address has four numbers");
    }
    int bits = 0;
    for (String part : parts) {
      if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
        throw new IllegalArgumentException("a number of an IPv4 address is 0 to 255");
      }
      bits = bits << 8 | Integer.parseInt(part);
    }
    return bits;
  }
}
