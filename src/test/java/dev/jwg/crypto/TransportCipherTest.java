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
import dev.jwg.testing.SecretSearch;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransportCipherTest {
  private static final int TAG = TransportCipher.TAG_LENGTH;

  /** Made by Python from RFC 8439: the sunscreen message, no associated data. */
  private static final long HIGH_COUNTER = 0xfedcba9876543210L;

  private static final byte[] HIGH_COUNTER_SEALED =
      hex(
          "49bc3ae29ef8e0b79c20341e7543c6df3cc8c9280774f865b591b10579df959121c2b14d21ea76097a37f91f8060dbae"
              + "915c0ea96e1cd627fb33d3cecb186f7a812237fe684148ddd882b6c07affd1baaa1ba9dd64c57f191e1642ded3e56e9c"
              + "eabad94b4572d94add03621d61a319cad447a03372657812262c8d4c8dfc9a94957e");

  enum Implementation {
    JDK,
    VECTOR,
    BOUNCY_CASTLE,
    MIXED;

    TransportCipher under(byte[] key) {
      return switch (this) {
        case JDK -> new JdkTransportCipher(key);
        case VECTOR -> new VectorTransportCipher(key);
        case BOUNCY_CASTLE -> new BouncyTransportCipher(key);
        case MIXED ->
            new MixedTransportCipher(
                new VectorTransportCipher(key), new JdkTransportCipher(key), new BouncyTransportCipher(key));
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void ciphertextIsThatOfRfc8439AppendixA5(Implementation implementation) {
    byte[] sealed = sealed(implementation.under(DRAFTS_KEY), DRAFTS, DRAFTS_COUNTER);
    assertArrayEquals(hex(DRAFTS_CIPHERTEXT), Arrays.copyOf(sealed, DRAFTS.length));
  }

  @ParameterizedTest
  @EnumSource
  void counterHas64Bits(Implementation implementation) {
    assertArrayEquals(HIGH_COUNTER_SEALED, sealed(implementation.under(SUNSCREEN_KEY), SUNSCREEN, HIGH_COUNTER));

    byte[] bytes = HIGH_COUNTER_SEALED.clone();
    assertTrue(OnePacket.open(implementation.under(SUNSCREEN_KEY), bytes, 0, bytes.length, HIGH_COUNTER));
    assertArrayEquals(SUNSCREEN, Arrays.copyOf(bytes, SUNSCREEN.length));
  }

  @ParameterizedTest
  @EnumSource
  void keepaliveIsOnlyATag(Implementation implementation) {
    byte[] tag = hex("3ae5d3f2a376d317eaea5aef0215ba54");
    assertArrayEquals(tag, sealed(implementation.under(SUNSCREEN_KEY), new byte[0], 0));
    assertTrue(OnePacket.open(implementation.under(SUNSCREEN_KEY), tag, 0, tag.length, 0));
  }

  @Test
  void implementationsAgreeOnRandomMessagesAndTouchNothingAround() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] key = randomBytes(random, 32);
    TransportCipher jdkSeals = new JdkTransportCipher(key);
    TransportCipher bouncySeals = new BouncyTransportCipher(key);
    TransportCipher jdkOpens = new JdkTransportCipher(key);
    TransportCipher bouncyOpens = new BouncyTransportCipher(key);

    for (int i = 0; i < 2000; i++) {
      String round = "seed " + seed + " round " + i;
      int offset = random.nextInt(40);
      int length = random.nextInt(i % 100 == 0 ? 65536 : 1600);
      byte[] original = randomBytes(random, offset + length + TAG + random.nextInt(40));
      long counter = random.nextLong();

      byte[] byJdk = original.clone();
      OnePacket.seal(jdkSeals, byJdk, offset, length, counter);
      byte[] byBouncy = original.clone();
      OnePacket.seal(bouncySeals, byBouncy, offset, length, counter);
      assertArrayEquals(byJdk, byBouncy, round);

      assertTrue(OnePacket.open(jdkOpens, byBouncy, offset, length + TAG, counter), round);
      assertTrue(OnePacket.open(bouncyOpens, byJdk, offset, length + TAG, counter), round);
      System.arraycopy(original, offset + length, byJdk, offset + length, TAG);
      System.arraycopy(original, offset + length, byBouncy, offset + length, TAG);
      assertArrayEquals(original, byJdk, round);
      assertArrayEquals(original, byBouncy, round);
    }
  }

  /** Runs of 1 to 64 packets of any lengths up to 2000, or mostly of one, as bulk data has. */
  @ParameterizedTest
  @EnumSource
  void runsAreTheirPacketsOneByOne(Implementation implementation) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 150; i++) {
      String round = "seed " + seed + " round " + i;
      byte[] key = randomBytes(random, 32);
      long firstCounter = random.nextLong();
      int[] lengths = new int[1 + random.nextInt(64)];
      boolean bulk = random.nextBoolean();
      int usual = random.nextInt(2001);
      Arrays.setAll(lengths, p -> bulk && random.nextInt(20) > 0 ? usual : random.nextInt(2001));
      int[] offsets = new int[lengths.length];
      int[] sealedLengths = new int[lengths.length];
      long[] counters = new long[lengths.length];
      int end = 3;
      for (int p = 0; p < lengths.length; p++) {
        offsets[p] = end;
        sealedLengths[p] = lengths[p] + TAG;
        counters[p] = firstCounter + p;
        end += sealedLengths[p] + random.nextInt(3);
      }
      byte[] plain = randomBytes(random, end);

      byte[] oneByOne = plain.clone();
      TransportCipher bouncy = new BouncyTransportCipher(key);
      for (int p = 0; p < lengths.length; p++) {
        OnePacket.seal(bouncy, oneByOne, offsets[p], lengths[p], counters[p]);
      }
      byte[] run = plain.clone();
      implementation.under(key).seal(run, offsets, lengths, 0, lengths.length, firstCounter);
      assertArrayEquals(oneByOne, run, round);

      int forged = random.nextInt(lengths.length);
      run[offsets[forged] + random.nextInt(sealedLengths[forged])] ^= 4;
      boolean[] genuine = new boolean[lengths.length];
      implementation.under(key).open(run, offsets, sealedLengths, counters, 0, lengths.length, genuine);
      for (int p = 0; p < lengths.length; p++) {
        assertEquals(p != forged, genuine[p], round);
        if (genuine[p]) {
          int to = offsets[p] + lengths[p];
          assertTrue(Arrays.equals(plain, offsets[p], to, run, offsets[p], to), round);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void forgeryWithTheSameCounterDoesNotStopTheGenuineMessage(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    for (long counter : new long[] {0, 1, 1, HIGH_COUNTER}) {
      byte[] genuine = sealed(implementation.under(SUNSCREEN_KEY), SUNSCREEN, counter);
      for (int attempt = 0; attempt < 2; attempt++) {
        byte[] forged = genuine.clone();
        forged[attempt] ^= 1;
        assertFalse(OnePacket.open(cipher, forged, 0, forged.length, counter));
      }
      assertTrue(OnePacket.open(cipher, genuine, 0, genuine.length, counter));
      assertArrayEquals(SUNSCREEN, Arrays.copyOf(genuine, SUNSCREEN.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void replayIsNotTheCiphersConcern(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    for (int times = 0; times < 3; times++) {
      byte[] bytes = HIGH_COUNTER_SEALED.clone();
      assertTrue(OnePacket.open(cipher, bytes, 0, bytes.length, HIGH_COUNTER));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyAlteredBitIsNoticed(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    for (int bit = 0; bit < HIGH_COUNTER_SEALED.length * Byte.SIZE; bit++) {
      byte[] altered = HIGH_COUNTER_SEALED.clone();
      altered[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      assertFalse(OnePacket.open(cipher, altered, 0, altered.length, HIGH_COUNTER), "bit " + bit);
    }
    for (int bit = 0; bit < Long.SIZE; bit++) {
      byte[] bytes = HIGH_COUNTER_SEALED.clone();
      assertFalse(OnePacket.open(cipher, bytes, 0, bytes.length, HIGH_COUNTER ^ (1L << bit)), "counter bit " + bit);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTruncationIsNoticed(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    for (int length = 0; length < HIGH_COUNTER_SEALED.length; length++) {
      assertFalse(OnePacket.open(cipher, HIGH_COUNTER_SEALED.clone(), 0, length, HIGH_COUNTER), "length " + length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void erasedCipherNeitherSealsNorOpens(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    assertTrue(OnePacket.open(cipher, HIGH_COUNTER_SEALED.clone(), 0, HIGH_COUNTER_SEALED.length, HIGH_COUNTER));
    cipher.erase();
    cipher.erase();
    assertFalse(OnePacket.open(cipher, HIGH_COUNTER_SEALED.clone(), 0, HIGH_COUNTER_SEALED.length, HIGH_COUNTER));
    byte[] bytes = new byte[TAG + 1];
    assertThrows(IllegalStateException.class, () -> OnePacket.seal(cipher, bytes, 0, 1, 0));
    assertArrayEquals(new byte[TAG + 1], bytes);
  }

  @ParameterizedTest
  @EnumSource
  void unusedCipherCanBeErased(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    cipher.erase();
    assertFalse(OnePacket.open(cipher, HIGH_COUNTER_SEALED.clone(), 0, HIGH_COUNTER_SEALED.length, HIGH_COUNTER));
  }

  /** Each in its own array; what one had written into the scratch space of the other would not open. */
  @ParameterizedTest
  @EnumSource
  void threadsMaySealAndOpenUnderOneKeyAtATime(Implementation implementation) throws Exception {
    TransportCipher seals = implementation.under(SUNSCREEN_KEY);
    TransportCipher opens = implementation.under(SUNSCREEN_KEY);
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> one = threads.submit(() -> sealAndOpenMany(seals, opens, start, 0));
      Future<?> other = threads.submit(() -> sealAndOpenMany(seals, opens, start, 1 << 20));
      one.get(60, TimeUnit.SECONDS);
      other.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  private static void sealAndOpenMany(
      TransportCipher seals, TransportCipher opens, CyclicBarrier start, long firstCounter) {
    int[] offsets = new int[12];
    int[] lengths = new int[12];
    Arrays.setAll(offsets, p -> 500 * p);
    Arrays.setAll(lengths, p -> p % 3 == 0 ? 100 : 480);
    int[] sealedLengths = Arrays.stream(lengths).map(length -> length + TAG).toArray();
    long[] counters = new long[12];
    boolean[] genuine = new boolean[12];
    awaitOther(start);
    for (int run = 0; run < 300; run++) {
      byte[] bytes = new byte[6000];
      long counter = firstCounter + 12L * run;
      Arrays.setAll(counters, p -> counter + p);
      seals.seal(bytes, offsets, lengths, 0, 12, counter);
      opens.open(bytes, offsets, sealedLengths, counters, 0, 12, genuine);
      for (int p = 0; p < 12; p++) {
        assertTrue(genuine[p], "run " + run + " packet " + p);
        int to = offsets[p] + lengths[p];
        assertTrue(Arrays.equals(new byte[lengths[p]], 0, lengths[p], bytes, offsets[p], to), "run " + run);
      }
    }
  }

  private static void awaitOther(CyclicBarrier start) {
    try {
      start.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** As a thread does that used a session which another thread erases. */
  @ParameterizedTest
  @EnumSource
  void wipingLeavesTheKeyUsable(Implementation implementation) {
    TransportCipher cipher = implementation.under(SUNSCREEN_KEY);
    for (int times = 0; times < 3; times++) {
      byte[] bytes = HIGH_COUNTER_SEALED.clone();
      assertTrue(OnePacket.open(cipher, bytes, 0, bytes.length, HIGH_COUNTER));
      cipher.wipe();
      cipher.wipe();
    }
  }

  @Test
  void wipingTakesTheKeyOutOfTheThreadsOwnSpace() {
    TransportCipher cipher = new BouncyTransportCipher(SUNSCREEN_KEY);
    sealed(cipher, SUNSCREEN, 1);
    assertTrue(SecretSearch.finds(SUNSCREEN_KEY, BouncyTransportCipher.ENGINE.get()), "it is there until then");
    cipher.wipe();
    assertFalse(SecretSearch.finds(SUNSCREEN_KEY, BouncyTransportCipher.ENGINE.get()));
  }

  @ParameterizedTest
  @EnumSource
  void laterChangesOfTheGivenArrayDoNotMatter(Implementation implementation) {
    byte[] key = SUNSCREEN_KEY.clone();
    TransportCipher cipher = implementation.under(key);
    Arrays.fill(key, (byte) 0);
    assertArrayEquals(HIGH_COUNTER_SEALED, sealed(cipher, SUNSCREEN, HIGH_COUNTER));
  }

  private static byte[] sealed(TransportCipher cipher, byte[] plaintext, long counter) {
    byte[] bytes = Arrays.copyOf(plaintext, plaintext.length + TAG);
    OnePacket.seal(cipher, bytes, 0, plaintext.length, counter);
    return bytes;
  }

  private static byte[] randomBytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
