package dev.jwg.crypto;

import dev.jwg.crypto.CipherChoice.Implementation;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Checks all implementations of the transport cipher against known answers and chooses the fastest for each kind of
 * packets. It takes most of a second, nearly all of it the time until HotSpot has compiled them, so it is for a thread
 * in the background; what it compiles is what the first packets need too.
 */
public final class CipherSelfTest {
  private static final byte[] KEY = new byte[Key.LENGTH];

  static {
    for (int i = 0; i < KEY.length; i++) {
      KEY[i] = (byte) (0x80 + i); // that of RFC 8439 section 2.8.2
    }
  }

  /** What OpenSSL makes of {@link Packets#known}: SHA-256 of all sealed packets. */
  private static final String KNOWN_ANSWER = "20c72c68a3e2ac5bb6f0a7f5316bb57b4dd8b93399b54cb5cb2b50124c2f1823";

  private static final long FIRST_KNOWN_COUNTER = 0xfedcba9876543210L;

  /** Measured rounds of one kind: after that many nanoseconds the compiler is done, and the least time is steady. */
  private static final long BUDGET_NS = 250_000_000;

  /** Packets in a round, so that the clock does not matter. */
  private static final int PACKETS_PER_ROUND = 44;

  /** Another one has to be faster than ours by this factor: ours allocates nothing. */
  private static final double MARGIN = 1.05;

  private CipherSelfTest() {}

  /**
   * Checks, measures and applies the choice.
   *
   * @return what was measured and chosen, for the log
   */
  public static String run() {
    List<Implementation> correct = correct(List.of(Implementation.values()));
    Map<Implementation, Long> small = measure(correct, 64, PACKETS_PER_ROUND);
    Map<Implementation, Long> few = measure(correct, 1424, 1);
    Map<Implementation, Long> many = measure(correct, 1424, PACKETS_PER_ROUND);
    correct = correct(correct); // once more, as compiled code
    small.keySet().retainAll(correct);
    few.keySet().retainAll(correct);
    many.keySet().retainAll(correct);
    CipherChoice choice = new CipherChoice(fastest(small), fastest(few), fastest(many));
    choice.apply();
    return "transport cipher, ns per packet: 64 bytes %s; 1424 bytes %s; 44 times 1424 bytes %s%s"
        .formatted(
            describe(small, choice.small()),
            describe(few, choice.few()),
            describe(many, choice.many()),
            correct.size() == Implementation.values().length ? "" : "; only these are right: " + correct);
  }

  private static List<Implementation> correct(List<Implementation> candidates) {
    List<Implementation> correct =
        candidates.stream().filter(candidate -> knowsTheAnswer(candidate.under(KEY))).toList();
    if (correct.isEmpty()) {
      throw new IllegalStateException("no ChaCha20-Poly1305 on this Java runtime is right");
    }
    return correct;
  }

  /** Also of what it opens, and that it refuses what was altered. */
  static boolean knowsTheAnswer(TransportCipher cipher) {
    Packets packets = Packets.known();
    byte[] plain = packets.bytes.clone();
    boolean[] genuine = new boolean[packets.count()];
    try {
      packets.seal(cipher, FIRST_KNOWN_COUNTER);
      if (!sha256(packets.bytes).equals(KNOWN_ANSWER)) {
        return false;
      }
      int altered = packets.count() / 2;
      packets.bytes[packets.offsets[altered]] ^= 1;
      packets.open(cipher, FIRST_KNOWN_COUNTER, genuine);
      for (int i = 0; i < genuine.length; i++) {
        int from = packets.offsets[i];
        int to = from + packets.lengths[i];
        if (genuine[i] == (i == altered)
            || (genuine[i] && !Arrays.equals(packets.bytes, from, to, plain, from, to))) {
          return false;
        }
      }
      return true;
    } catch (IllegalStateException missing) {
      return false; // a runtime without the algorithm
    } finally {
      cipher.erase();
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  /** The least nanoseconds that each took to seal a packet, taking turns. */
  private static Map<Implementation, Long> measure(List<Implementation> candidates, int length, int atOnce) {
    Map<Implementation, TransportCipher> ciphers = new EnumMap<>(Implementation.class);
    Map<Implementation, Long> best = new EnumMap<>(Implementation.class);
    candidates.forEach(candidate -> ciphers.put(candidate, candidate.under(KEY)));
    Packets packets = Packets.equal(length, atOnce);
    long deadline = System.nanoTime() + BUDGET_NS;
    long counter = 0;
    do {
      for (Map.Entry<Implementation, TransportCipher> candidate : ciphers.entrySet()) {
        long begin = System.nanoTime();
        for (int i = 0; i < PACKETS_PER_ROUND; i += atOnce) {
          packets.seal(candidate.getValue(), counter);
          counter += atOnce;
        }
        best.merge(candidate.getKey(), (System.nanoTime() - begin) / PACKETS_PER_ROUND, Math::min);
      }
    } while (System.nanoTime() - deadline < 0);
    ciphers.values().forEach(TransportCipher::erase);
    return best;
  }

  static Implementation fastest(Map<Implementation, Long> measured) {
    return measured.entrySet().stream()
        .min(Comparator.comparingDouble(m -> m.getValue() * (m.getKey() == Implementation.OURS ? 1 : MARGIN)))
        .orElseThrow()
        .getKey();
  }

  private static String describe(Map<Implementation, Long> measured, Implementation chosen) {
    return measured.entrySet().stream()
        .filter(other -> other.getKey() != chosen)
        .map(other -> other.getKey() + " " + other.getValue())
        .collect(Collectors.joining(", ", chosen + " " + measured.get(chosen) + " (", ")"));
  }

  /** A run of packets, one behind the other with room for tags, whose bytes count up. */
  private static final class Packets {
    final byte[] bytes;
    final int[] offsets;
    final int[] lengths;
    final int[] sealedLengths;

    Packets(int... lengths) {
      this.lengths = lengths;
      offsets = new int[lengths.length];
      sealedLengths = new int[lengths.length];
      int end = 0;
      for (int i = 0; i < lengths.length; i++) {
        offsets[i] = end;
        sealedLengths[i] = lengths[i] + TransportCipher.TAG_LENGTH;
        end += sealedLengths[i];
      }
      bytes = new byte[end];
      for (int i = 0; i < end; i++) {
        bytes[i] = (byte) i;
      }
    }

    static Packets equal(int length, int count) {
      int[] lengths = new int[count];
      Arrays.fill(lengths, length);
      return new Packets(lengths);
    }

    /** Enough, of such lengths, that ours takes its ways for many packets and for few. */
    static Packets known() {
      int[] lengths = new int[21];
      Arrays.fill(lengths, 273);
      lengths[20] = 64;
      return new Packets(lengths);
    }

    int count() {
      return lengths.length;
    }

    void seal(TransportCipher cipher, long firstCounter) {
      cipher.seal(bytes, offsets, lengths, 0, count(), firstCounter);
    }

    void open(TransportCipher cipher, long firstCounter, boolean[] genuine) {
      long[] counters = new long[count()];
      Arrays.setAll(counters, i -> firstCounter + i);
      cipher.open(bytes, offsets, sealedLengths, counters, 0, count(), genuine);
    }
  }
}
