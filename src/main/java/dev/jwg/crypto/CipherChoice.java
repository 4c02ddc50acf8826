package dev.jwg.crypto;

import java.util.EnumMap;
import java.util.Map;

/**
 * Which implementation seals and opens which packets. Until {@link CipherSelfTest} has measured, it is the one that was
 * fastest where we measured; sessions that begin later get what won here.
 *
 * @param small for packets up to {@link MixedTransportCipher#LONGEST_SMALL}
 * @param few for short rows of larger packets
 * @param many for long rows of larger packets
 */
record CipherChoice(Implementation small, Implementation few, Implementation many) {
  enum Implementation {
    OURS("ours"),
    JDK("JDK"),
    BOUNCY_CASTLE("BouncyCastle");

    private final String text;

    Implementation(String text) {
      this.text = text;
    }

    TransportCipher under(byte[] key) {
      return switch (this) {
        case OURS -> new VectorTransportCipher(key);
        case JDK -> new JdkTransportCipher(key);
        case BOUNCY_CASTLE -> new BouncyTransportCipher(key);
      };
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static volatile CipherChoice current = expected(Runtime.version().feature());

  /** The JDK's is vectorised since release 20 (JDK-8247645), of which 21 is the first with long-term support. */
  static CipherChoice expected(int javaFeature) {
    Implementation few = javaFeature >= 21 ? Implementation.JDK : Implementation.OURS;
    return new CipherChoice(Implementation.OURS, few, Implementation.OURS);
  }

  static CipherChoice current() {
    return current;
  }

  /** Makes it the choice for all keys from now on. */
  void apply() {
    current = this;
  }

  TransportCipher under(byte[] key) {
    Map<Implementation, TransportCipher> ciphers = new EnumMap<>(Implementation.class);
    return new MixedTransportCipher(
        ciphers.computeIfAbsent(small, s -> s.under(key)),
        ciphers.computeIfAbsent(few, f -> f.under(key)),
        ciphers.computeIfAbsent(many, m -> m.under(key)));
  }

  @Override
  public String toString() {
    return "%s for packets up to %d bytes, %s for %d and more in a row, %s for the rest"
        .formatted(small, MixedTransportCipher.LONGEST_SMALL, many, MixedTransportCipher.FEWEST_MANY, few);
  }
}
