package dev.jwg.crypto;

import static dev.jwg.crypto.AeadVectors.DRAFTS;
import static dev.jwg.crypto.AeadVectors.DRAFTS_CIPHERTEXT;
import static dev.jwg.crypto.AeadVectors.DRAFTS_COUNTER;
import static dev.jwg.crypto.AeadVectors.DRAFTS_KEY;
import static dev.jwg.crypto.AeadVectors.SUNSCREEN;
import static dev.jwg.crypto.AeadVectors.SUNSCREEN_KEY;
import static dev.jwg.crypto.AeadVectors.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jwg.testing.OnePacket;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VectorChaCha20Poly1305Test {
  private static final int TAG = VectorChaCha20Poly1305.TAG_LENGTH;

  /** Batches of few blocks and of many take different ways through the engine: these are on either side. */
  private static final int FEW = 1;

  private static final int MANY = 60;

  /** Packets of two lanes each: enough for the wide loops. */
  private static final int TWO_LANES_EACH = 24;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final VectorChaCha20Poly1305 engine = new VectorChaCha20Poly1305();

  @ParameterizedTest
  @ValueSource(ints = {FEW, MANY})
  void ciphertextIsThatOfRfc8439AppendixA5(int packets) {
    int[] lengths = new int[packets];
    Arrays.fill(lengths, DRAFTS.length);
    Packets batch = new Packets(lengths, DRAFTS_COUNTER - (packets - 1));
    for (int i = 0; i < packets; i++) {
      System.arraycopy(DRAFTS, 0, batch.bytes, batch.offsets[i], DRAFTS.length);
    }
    batch.seal(new VectorChaCha20Poly1305.TransportKey(DRAFTS_KEY));

    int last = batch.offsets[packets - 1];
    assertArrayEquals(
        hex(DRAFTS_CIPHERTEXT), Arrays.copyOfRange(batch.bytes, last, last + DRAFTS.length));
  }

  /** The tag came from Python's arithmetic: the RFC has no message without associated data. */
  @Test
  void keepaliveIsOnlyATag() {
    Packets batch = new Packets(new int[] {0}, 0);
    batch.seal(new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY));
    assertArrayEquals(
        hex("3ae5d3f2a376d317eaea5aef0215ba54"),
        Arrays.copyOfRange(batch.bytes, batch.offsets[0], batch.offsets[0] + TAG));
  }

  @Test
  void sealsAndOpensEveryLengthAsTheOthersDo() {
    byte[] key = randomBytes(32);
    for (int length = 0; length <= 300; length++) {
      assertAgreesWithTheOthers(key, new int[] {length}, random.nextLong());
      int[] lengths = new int[MANY];
      Arrays.fill(lengths, length);
      assertAgreesWithTheOthers(key, lengths, random.nextLong());
    }
  }

  @Test
  void sealsAndOpensMixedBatchesAsTheOthersDo() {
    for (int round = 0; round < 400; round++) {
      int[] lengths = new int[1 + random.nextInt(64)];
      int bound = random.nextBoolean() ? 200 : 1600;
      Arrays.setAll(lengths, i -> random.nextInt(bound));
      assertAgreesWithTheOthers(randomBytes(32), lengths, random.nextLong());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0x7fffffffffffffe0L, 0xffffffe0L, 0xffffffffffffffe0L - 64, 0})
  void countersCarryThroughAllTheirBits(long firstCounter) {
    int[] lengths = new int[64];
    Arrays.setAll(lengths, i -> random.nextInt(100));
    assertAgreesWithTheOthers(randomBytes(32), lengths, firstCounter);
  }

  @Test
  void sealsAndOpensAlikeFromWhereverItsLoopsStart() {
    int[] lengths = new int[TWO_LANES_EACH];
    byte[] key = randomBytes(Key.LENGTH);
    // Each is sealed and opened; every sixteenth run tries the next of sixteen starts.
    for (int i = 0; i < 16 * 16; i++) {
      Arrays.fill(lengths, 1 + i % 64);
      assertAgreesWithTheOthers(key, lengths, (long) i * lengths.length);
    }
  }

  /** The engine has lanes for 1088 blocks: batches around that, of equal packets or with large ones among them. */
  @Test
  void sealsAndOpensMoreThanFitsItAtOnce() {
    for (int packets : new int[] {44, 45, 46, 47, 200}) {
      int[] lengths = new int[packets];
      Arrays.fill(lengths, 1424);
      assertAgreesWithTheOthers(randomBytes(32), lengths, random.nextLong());
    }
    assertAgreesWithTheOthers(randomBytes(32), new int[] {1424, 65519, 64, 65519, 65519, 0}, random.nextLong());
    assertAgreesWithTheOthers(randomBytes(32), new int[2500], random.nextLong());
  }

  /** RFC 8439 appendix A.3, vectors 7 to 11: those that carry and reduce where random ones hardly ever do. */
  @ParameterizedTest
  @CsvSource({
    "02000000000000000000000000000000, 00000000000000000000000000000000, ffffffffffffffffffffffffffffffff,"
        + "03000000000000000000000000000000",
    "02000000000000000000000000000000, ffffffffffffffffffffffffffffffff, 02000000000000000000000000000000,"
        + "03000000000000000000000000000000",
    "01000000000000000000000000000000, 00000000000000000000000000000000,"
        + "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000,"
        + "05000000000000000000000000000000",
    "01000000000000000000000000000000, 00000000000000000000000000000000,"
        + "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101,"
        + "00000000000000000000000000000000",
    "02000000000000000000000000000000, 00000000000000000000000000000000, fdffffffffffffffffffffffffffffff,"
        + "faffffffffffffffffffffffffffffff"
  })
  void poly1305IsThatOfRfc8439AppendixA3(String r, String s, String message, String tag) {
    assertEquals(number(hex(tag)), poly1305(hex(r), hex(s), hex(message)));
  }

  /** Ones fill every limb; zeros leave only the bit behind each block. */
  @Test
  void poly1305IsTheRemainderAtExtremes() {
    BigInteger p = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));
    BigInteger clamp = new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16);
    for (int round = 0; round < 2000; round++) {
      byte[] r = extreme(16);
      byte[] s = extreme(16);
      byte[] message = extreme(16 * random.nextInt(100));
      BigInteger h = BigInteger.ZERO;
      for (int at = 0; at < message.length; at += 16) {
        BigInteger block = number(Arrays.copyOfRange(message, at, at + 16)).setBit(128);
        h = h.add(block).multiply(number(r).and(clamp)).mod(p);
      }
      BigInteger tag = h.add(number(s)).mod(BigInteger.TWO.pow(128));
      assertEquals(tag, poly1305(r, s, message), "seed " + seed + " round " + round);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FEW, MANY})
  void everyAlteredBitIsNoticedAndOnlyInItsPacket(int packets) {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    int[] lengths = new int[packets];
    Arrays.fill(lengths, SUNSCREEN.length);
    Packets sealed = new Packets(lengths, 7);
    sealed.seal(key);
    int altered = packets / 2;
    for (int bit = 0; bit < (SUNSCREEN.length + TAG) * Byte.SIZE; bit++) {
      Packets batch = sealed.copy();
      batch.bytes[batch.offsets[altered] + bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      byte[] before = batch.bytes.clone();
      boolean[] genuine = batch.open(key);
      for (int i = 0; i < packets; i++) {
        assertEquals(i != altered, genuine[i], "bit " + bit + " packet " + i);
      }
      int at = batch.offsets[altered];
      int end = at + SUNSCREEN.length + TAG;
      assertArrayEquals(
          Arrays.copyOfRange(before, at, end), Arrays.copyOfRange(batch.bytes, at, end), "no plaintext of a forgery");
    }
  }

  @Test
  void everyAlteredCounterBitIsNoticed() {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    Packets sealed = new Packets(new int[] {SUNSCREEN.length}, 7);
    sealed.seal(key);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      Packets batch = sealed.copy();
      batch.counters[0] ^= 1L << bit;
      assertFalse(batch.open(key)[0], "bit " + bit);
    }
  }

  @Test
  void everyTruncationIsNoticed() {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    int[] lengths = new int[SUNSCREEN.length + TAG];
    Arrays.fill(lengths, SUNSCREEN.length);
    Packets batch = new Packets(lengths, 7);
    batch.seal(key);
    for (int i = 0; i < lengths.length; i++) {
      batch.sealedLengths[i] = i;
    }
    assertArrayEquals(new boolean[lengths.length], batch.open(key));
  }

  @Test
  void onlyTheNamedPacketsAreTouched() {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    Packets all = new Packets(new int[] {100, 200, 300, 400}, 7);
    Packets middle = all.copy();
    all.seal(key);
    engine.seal(key, middle.bytes, middle.offsets, middle.lengths, 1, 3, 8);
    byte[] original = new byte[middle.bytes.length];
    int from = middle.offsets[1];
    int to = middle.offsets[2] + 300 + TAG;
    System.arraycopy(all.bytes, from, original, from, to - from);
    assertArrayEquals(original, middle.bytes);

    boolean[] genuine = {true, false, false, false};
    engine.open(key, all.bytes, all.offsets, all.sealedLengths, all.counters, 1, 3, genuine);
    assertArrayEquals(new boolean[] {true, true, true, false}, genuine);
  }

  @Test
  void erasedKeyNeitherSealsNorOpens() {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    Packets batch = new Packets(new int[] {10, 20}, 7);
    batch.seal(key);
    byte[] before = batch.bytes.clone();
    key.erase();
    boolean[] genuine = {true, true};
    engine.open(key, batch.bytes, batch.offsets, batch.sealedLengths, batch.counters, 0, 2, genuine);
    assertArrayEquals(new boolean[2], genuine);
    assertThrows(IllegalStateException.class, () -> batch.seal(key));
    assertArrayEquals(before, batch.bytes);
  }

  @Test
  void laterChangesOfTheGivenArrayDoNotMatter() {
    byte[] bytes = SUNSCREEN_KEY.clone();
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(bytes);
    Arrays.fill(bytes, (byte) 0);
    Packets batch = new Packets(new int[] {50}, 7);
    batch.seal(key);
    assertTrue(OnePacket.open(new BouncyTransportCipher(SUNSCREEN_KEY), batch.bytes, batch.offsets[0], 50 + TAG, 7));
  }

  @Test
  void wipingBetweenBatchesChangesNothing() {
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    Packets batch = new Packets(new int[] {50, 1424, 1424, 1424}, 7);
    batch.seal(key);
    engine.wipe();
    assertArrayEquals(new boolean[] {true, true, true, true}, batch.open(key));
  }

  @Test
  void keyOfAnotherLengthAndPacketBeyondAllLanesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new VectorChaCha20Poly1305.TransportKey(new byte[31]));
    VectorChaCha20Poly1305.TransportKey key = new VectorChaCha20Poly1305.TransportKey(SUNSCREEN_KEY);
    Packets batch = new Packets(new int[] {80_000}, 7);
    assertThrows(IllegalArgumentException.class, () -> batch.seal(key));
  }

  private void assertAgreesWithTheOthers(byte[] key, int[] lengths, long firstCounter) {
    Packets batch = new Packets(lengths, firstCounter);
    random.nextBytes(batch.bytes);
    assertAgreesWithTheOthers(key, batch);
  }

  /** The whole array is compared: nothing around the packets may change. */
  private void assertAgreesWithTheOthers(byte[] key, Packets plain) {
    String what = "seed " + seed + " first counter " + plain.counters[0] + " lengths " + plain.describe();
    Packets byBouncy = plain.copy();
    Packets byJdk = plain.copy();
    TransportCipher bouncy = new BouncyTransportCipher(key);
    TransportCipher jdk = new JdkTransportCipher(key);
    for (int i = 0; i < plain.lengths.length; i++) {
      OnePacket.seal(bouncy, byBouncy.bytes, plain.offsets[i], plain.lengths[i], plain.counters[i]);
      OnePacket.seal(jdk, byJdk.bytes, plain.offsets[i], plain.lengths[i], plain.counters[i]);
    }
    VectorChaCha20Poly1305.TransportKey ours = new VectorChaCha20Poly1305.TransportKey(key);
    Packets sealed = plain.copy();
    sealed.seal(ours);
    assertArrayEquals(byBouncy.bytes, sealed.bytes, what);
    assertArrayEquals(byJdk.bytes, sealed.bytes, what);

    boolean[] all = new boolean[plain.lengths.length];
    Arrays.fill(all, true);
    assertArrayEquals(all, sealed.open(ours), what);
    for (int i = 0; i < plain.lengths.length; i++) {
      int tag = plain.offsets[i] + plain.lengths[i];
      System.arraycopy(plain.bytes, tag, sealed.bytes, tag, TAG);
    }
    assertArrayEquals(plain.bytes, sealed.bytes, what);
  }

  private static BigInteger poly1305(byte[] r, byte[] s, byte[] message) {
    VectorChaCha20Poly1305.Poly1305 poly = new VectorChaCha20Poly1305.Poly1305();
    poly.begin(number(r).longValue(), number(r).shiftRight(Long.SIZE).longValue());
    poly.text(message, 0, message.length);
    poly.end(number(s).longValue(), number(s).shiftRight(Long.SIZE).longValue());
    return new BigInteger(Long.toUnsignedString(poly.tagHigh))
        .shiftLeft(Long.SIZE)
        .or(new BigInteger(Long.toUnsignedString(poly.tagLow)));
  }

  private static BigInteger number(byte[] littleEndian) {
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
    }
    return new BigInteger(1, bigEndian);
  }

  /** All ones, all zeros, or random. */
  private byte[] extreme(int length) {
    byte[] bytes = randomBytes(length);
    int kind = random.nextInt(3);
    if (kind > 0) {
      Arrays.fill(bytes, (byte) (kind == 1 ? 0 : 0xff));
    }
    return bytes;
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Packets at odd offsets in one array, with room around each. */
  private final class Packets {
    private static final int GAP = 5;
    final byte[] bytes;
    final int[] offsets;
    final int[] lengths;
    final int[] sealedLengths;
    final long[] counters;

    Packets(int[] lengths, long firstCounter) {
      this.lengths = lengths.clone();
      offsets = new int[lengths.length];
      sealedLengths = new int[lengths.length];
      counters = new long[lengths.length];
      int used = GAP;
      for (int i = 0; i < lengths.length; i++) {
        offsets[i] = used;
        sealedLengths[i] = lengths[i] + TAG;
        counters[i] = firstCounter + i;
        used += lengths[i] + TAG + GAP;
      }
      bytes = new byte[used];
    }

    Packets copy() {
      Packets copy = new Packets(lengths, counters[0]);
      System.arraycopy(bytes, 0, copy.bytes, 0, bytes.length);
      return copy;
    }

    void seal(VectorChaCha20Poly1305.TransportKey key) {
      engine.seal(key, bytes, offsets, lengths, 0, lengths.length, counters[0]);
    }

    boolean[] open(VectorChaCha20Poly1305.TransportKey key) {
      boolean[] genuine = new boolean[lengths.length];
      engine.open(key, bytes, offsets, sealedLengths, counters, 0, lengths.length, genuine);
      return genuine;
    }

    String describe() {
      return lengths.length > 64 ? lengths.length + " packets" : Arrays.toString(lengths);
    }
  }
}
