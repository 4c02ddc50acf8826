package dev.jwg.crypto;

import dev.jwg.crypto.CipherChoice.Implementation;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks the implementations of the transport cipher against known answers and chooses the fastest for each kind of
 * packets. To measure takes half a second of CPU time, nearly all of it until HotSpot has compiled what it measures: for a
 * thread in the background, while there is no load that it would take the processor from.
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

  /** HotSpot is done with all of them when none has become faster for so long. */
  private static final long STEADY_NS = 300_000_000;

  /** Which one is the fastest is clear before it has become as fast as it gets. */
  private static final long LONGEST_NS = 500_000_000;

  /** After each round, which takes a little less, so that half a processor is left for packets. */
  private static final long PAUSE_NS = 1_000_000;

  /** Less is noise. */
  private static final double FASTER = 0.97;

  /** Packets in a round, so that the clock does not matter. */
  private static final int PACKETS_PER_ROUND = 44;

  /** Another one has to be faster than ours by this factor: ours allocates nothing. */
  private static final double MARGIN = 1.05;

  private CipherSelfTest() {}

  /**
   * Checks the implementations that are chosen as yet, and chooses ours or, failing that, any other in place of a wrong one.
   *
   * @return the choice, for the log
   */
  public static String check() {
    CipherChoice choice = CipherChoice.current();
    for (Implementation chosen : EnumSet.of(choice.small(), choice.few(), choice.many())) {
      if (correct(List.of(chosen)).isEmpty()) {
        Implementation right = requireAny(correct(List.of(Implementation.values()))).get(0);
        choice = new CipherChoice(right, right, right);
        break;
      }
    }
    choice.apply();
    return "transport cipher: " + choice;
  }

  /**
   * Checks, measures and applies the choice.
   *
   * @return what was measured, for the log: what is chosen for a kind of packets comes first
   */
  public static String run() {
    List<Implementation> correct = requireAny(correct(List.of(Implementation.values())));
    Kind small = new Kind("64 bytes", 64, PACKETS_PER_ROUND, correct);
    Kind few = new Kind("1424 bytes", 1424, 1, correct);
    Kind many = new Kind("44 times 1424 bytes", 1424, PACKETS_PER_ROUND, correct);
    List<Kind> kinds = List.of(small, few, many);
    measureUntilSteady(kinds);
    correct = requireAny(correct(correct)); // once more, as compiled code
    for (Kind kind : kinds) {
      kind.bestNs.keySet().retainAll(correct);
    }
    new CipherChoice(fastest(small.bestNs), fastest(few.bestNs), fastest(many.bestNs)).apply();
    return "transport cipher, ns per packet: %s; %s; %s%s"
        .formatted(
            small.describe(),
            few.describe(),
            many.describe(),
            correct.size() == Implementation.values().length ? "" : "; only these are right: " + correct);
  }

  private static void measureUntilSteady(List<Kind> kinds) {
    long begin = System.nanoTime();
    long fasterAt = begin;
    long now = begin;
    while (now - fasterAt < STEADY_NS && now - begin < LONGEST_NS) {
      boolean anyFaster = false;
      for (Kind kind : kinds) {
        anyFaster |= kind.measure();
      }
      now = System.nanoTime();
      if (anyFaster) {
        fasterAt = now;
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
    kinds.forEach(Kind::erase);
  }

  private static List<Implementation> correct(List<Implementation> candidates) {
    return candidates.stream().filter(candidate -> knowsTheAnswer(candidate.under(KEY))).toList();
  }

  private static List<Implementation> requireAny(List<Implementation> correct) {
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

  static Implementation fastest(Map<Implementation, Long> measured) {
    return fastestFirst(measured).findFirst().orElseThrow().getKey();
  }

  private static Stream<Map.Entry<Implementation, Long>> fastestFirst(Map<Implementation, Long> measured) {
    return measured.entrySet().stream()
        .sorted(Comparator.comparingDouble(m -> m.getValue() * (m.getKey() == Implementation.OURS ? 1 : MARGIN)));
  }

  /** One kind of packets, and the least time that each implementation took to seal one. */
  private static final class Kind {
    private final String name;
    private final Packets packets;
    private final Map<Implementation, TransportCipher> ciphers = new EnumMap<>(Implementation.class);
    final Map<Implementation, Long> bestNs = new EnumMap<>(Implementation.class);
    private long counter;

    Kind(String name, int length, int atOnce, List<Implementation> candidates) {
      this.name = name;
      packets = Packets.equal(length, atOnce);
      for (Implementation candidate : candidates) {
        ciphers.put(candidate, candidate.under(KEY));
      }
    }

    /** One round; true if one of them was faster than ever. */
    boolean measure() {
      boolean anyFaster = false;
      for (Map.Entry<Implementation, TransportCipher> candidate : ciphers.entrySet()) {
        long begin = System.nanoTime();
        for (int i = 0; i < PACKETS_PER_ROUND; i += packets.count()) {
          packets.seal(candidate.getValue(), counter);
          counter += packets.count();
        }
        long ns = (System.nanoTime() - begin) / PACKETS_PER_ROUND;
        anyFaster |= note(candidate.getKey(), ns);
      }
      return anyFaster;
    }

    private boolean note(Implementation candidate, long ns) {
      long before = bestNs.getOrDefault(candidate, Long.MAX_VALUE);
      bestNs.put(candidate, Math.min(before, ns));
      return ns < before * FASTER;
    }

    void erase() {
      ciphers.values().forEach(TransportCipher::erase);
    }

    String describe() {
      return fastestFirst(bestNs)
          .map(measured -> measured.getKey() + " " + measured.getValue())
          .collect(Collectors.joining(", ", name + ": ", ""));
    }
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
