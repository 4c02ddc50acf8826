package dev.jwg.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * ChaCha20-Poly1305 (RFC 8439) for many packets at once, in place and without associated data (whitepaper section
 * 5.4.6), written so that HotSpot's C2 compiles its rounds to vector instructions by itself.
 *
 * <p>One engine belongs to one thread and serves all its keys; it allocates nothing after its construction. What is
 * kept per session and direction is a {@link TransportKey}.
 *
 * <pre>
 * seal, open      packets, as many as have lanes → add
 *   keyStream     wideKeyStream   many lanes: rows of words, C2's vectors    (RFC 8439 sections 2.3, 2.4)
 *                 narrowBlock     few lanes: one block in registers
 *   seal: xor                                                                (section 2.4)
 *   authenticate  Poly1305Lanes   runs of large packets of equal length: lanes again
 *                 Poly1305        others: one packet after the other         (sections 2.5, 2.6, 2.8)
 *   seal: the tags behind the ciphertexts; open: xor where the tag is right
 * </pre>
 *
 * <p><b>Lanes.</b> A lane is one 64-byte block of key stream of any packet: first block 0 of each packet, then all
 * blocks of the first packet, all of the second, and so on. Word w of lane l is {@code words[w * LANES + l]}: a loop
 * over the lanes does the same to neighbours in memory, which C2 vectorises on JDK 17 and 25. It is particular:
 *
 * <ul>
 *   <li>the loop has to be an inner one, over one array, with offsets that are constants in the bytecode;
 *   <li>it is not unrolled, hence not vectorised, beyond the trip count that the profile saw, so the wide loops never
 *       see a small batch;
 *   <li>rows of 4096 bytes or a multiple would share cache sets and stall loads behind unrelated stores.
 * </ul>
 *
 * <p><b>Time</b> depends on the lengths and on whether tags are right, both of which an observer sees, and not on keys,
 * plaintext or how wrong a tag is: there is no branch or index on them, and additions and multiplications of 64 bits
 * and of doubles (none of which becomes subnormal) take the same time for all operands on the processors we run on.
 */
public final class VectorChaCha20Poly1305 {
  public static final int TAG_LENGTH = Aead.TAG_LENGTH;

  /** RFC 8439 section 2.3: 16 words of 32 bits. */
  private static final int BLOCK_LENGTH = 64;

  /** Enough for 45 segments of 1424 bytes (24 lanes each), what one GSO datagram holds, and for one of 64 KiB. */
  private static final int MOST_LANES = 1088;

  /** Vectors of 512 bits hold so many words. */
  private static final int VECTOR = 16;

  /** Lanes of a row: those, wherever the first of them is, in whole vectors. */
  private static final int LANES = MOST_LANES + 2 * VECTOR;

  /** So many lanes at a time stay in the processor's first cache for all rounds: 16 rows of 2176 bytes. */
  private static final int TILE = 544;

  /** From here on the wide loops win; single packets of the usual MTU have 24. */
  private static final int WIDE = 48;

  // RFC 8439 section 2.3: the first words of the state, "expand 32-byte k".
  private static final int A0 = 0x61707865;
  private static final int A1 = 0x3320646e;
  private static final int A2 = 0x79622d32;
  private static final int A3 = 0x6b206574;

  // Behind the 16 rows of the state: what rows 12, 14 and 15 started with. Row 13, the nonce's first word, starts as 0.
  private static final int BLOCK_COUNTER = 16 * LANES;
  private static final int COUNTER_LOW = 17 * LANES;
  private static final int COUNTER_HIGH = 18 * LANES;
  private static final int ROWS = 19;

  /** 1, 2, 3…: the block counters of a packet's text. */
  private static final int[] ASCENDING = new int[MOST_LANES];

  static {
    Arrays.setAll(ASCENDING, i -> i + 1);
  }

  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A transport key of one direction: 72 bytes of heap. */
  public static final class TransportKey {
    private final int[] words = new int[Key.LENGTH / Integer.BYTES];
    private boolean erased;

    /** A copy of 32 bytes. */
    public TransportKey(byte[] bytes) {
      if (bytes.length != Key.LENGTH) {
        throw new IllegalArgumentException("a key has " + Key.LENGTH + " bytes, not " + bytes.length);
      }
      for (int i = 0; i < words.length; i++) {
        words[i] = (int) INT.get(bytes, i * Integer.BYTES);
      }
    }

    /** Zeroes the key; nothing is sealed or opened with it afterwards. */
    public void erase() {
      erased = true;
      Arrays.fill(words, 0);
    }
  }

  private final int[] words = new int[ROWS * LANES];
  private final Alignment alignment = new Alignment(VECTOR);
  private final Poly1305 poly = new Poly1305();
  private final Poly1305Lanes polyLanes = new Poly1305Lanes();

  // The packets whose lanes are filled together.
  private final int[] textLengths = new int[MOST_LANES];
  private final long[] counters = new long[MOST_LANES];
  private final long[] tagsLow = new long[MOST_LANES];
  private final long[] tagsHigh = new long[MOST_LANES];
  private int packets;
  private int lanes;

  /** The lane of the first packet's first block. */
  private int firstLane = 1;

  /**
   * Encrypts packets where they stand and writes each one's tag into the 16 bytes behind it. No counter may ever come
   * twice under one key.
   *
   * @param offsets where in {@code bytes} each plaintext begins
   * @param lengths of each plaintext
   * @param from index of the first packet in both arrays, which gets the first counter; the next gets the next
   * @param to index behind the last packet
   * @throws IllegalStateException after {@link TransportKey#erase}
   */
  public void seal(TransportKey key, byte[] bytes, int[] offsets, int[] lengths, int from, int to, long firstCounter) {
    if (key.erased) {
      throw new IllegalStateException("the key is erased");
    }
    int next = from;
    while (next < to) {
      int first = next;
      begin();
      while (next < to && add(lengths[next], firstCounter + (next - from))) {
        next++;
      }
      keyStream(key);
      int lane = firstLane + packets;
      for (int i = 0; i < packets; i++) {
        xor(lane, bytes, offsets[first + i], textLengths[i]);
        lane += blocks(textLengths[i]);
      }
      authenticate(bytes, offsets, first);
      for (int i = 0; i < packets; i++) {
        int tag = offsets[first + i] + textLengths[i];
        LONG.set(bytes, tag, tagsLow[i]);
        LONG.set(bytes, tag + Long.BYTES, tagsHigh[i]);
      }
    }
  }

  /**
   * Checks the tags of packets and decrypts the genuine ones where they stand. The others, and what follows the
   * plaintext in the genuine ones, stay as they are.
   *
   * @param offsets where in {@code bytes} each ciphertext begins
   * @param lengths of each ciphertext with its tag
   * @param packetCounters the counter of each packet
   * @param from index of the first packet in all four arrays
   * @param to index behind the last packet
   * @param genuine gets the verdicts: false if the tag is wrong, the packet too short for one, or the key erased
   */
  public void open(
      TransportKey key,
      byte[] bytes,
      int[] offsets,
      int[] lengths,
      long[] packetCounters,
      int from,
      int to,
      boolean[] genuine) {
    if (key.erased) {
      Arrays.fill(genuine, from, to, false);
      return;
    }
    int next = from;
    while (next < to) {
      int first = next;
      begin();
      while (next < to && add(Math.max(lengths[next] - TAG_LENGTH, 0), packetCounters[next])) {
        next++;
      }
      keyStream(key);
      authenticate(bytes, offsets, first);
      int lane = firstLane + packets;
      for (int i = 0; i < packets; i++) {
        int offset = offsets[first + i];
        int length = textLengths[i];
        genuine[first + i] = lengths[first + i] >= TAG_LENGTH && isGenuine(i, bytes, offset + length);
        if (genuine[first + i]) {
          xor(lane, bytes, offset, length);
        }
        lane += blocks(length);
      }
    }
  }

  private boolean isGenuine(int packet, byte[] bytes, int tag) {
    long low = (long) LONG.get(bytes, tag);
    long high = (long) LONG.get(bytes, tag + Long.BYTES);
    return ((low ^ tagsLow[packet]) | (high ^ tagsHigh[packet])) == 0; // all bits at once
  }

  /** Zeroes what the last batch left, key stream and one-time keys: for when a session's keys are erased. */
  public void wipe() {
    Arrays.fill(words, 0);
    Arrays.fill(tagsLow, 0);
    Arrays.fill(tagsHigh, 0);
    poly.wipe();
    polyLanes.wipe();
  }

  private void begin() {
    packets = 0;
    lanes = 0;
  }

  /** Gives lanes to a packet; false if there are too few left. */
  private boolean add(int textLength, long counter) {
    int wanted = 1 + blocks(textLength);
    if (lanes + wanted > MOST_LANES) {
      if (packets == 0) {
        throw new IllegalArgumentException("a packet of " + textLength + " bytes");
      }
      return false;
    }
    textLengths[packets] = textLength;
    counters[packets] = counter;
    packets++;
    lanes += wanted;
    return true;
  }

  private static int blocks(int length) {
    return (length + BLOCK_LENGTH - 1) / BLOCK_LENGTH;
  }

  // ---- ChaCha20, RFC 8439 sections 2.1 to 2.4 ----

  /** Fills the lanes of all packets with key stream. */
  private void keyStream(TransportKey key) {
    if (lanes >= WIDE) {
      firstLane = alignment.begin() + 1;
      wideKeyStream(key.words);
      alignment.end(lanes);
      return;
    }
    int lane = firstLane + packets;
    for (int i = 0; i < packets; i++) {
      narrowBlock(key.words, 0, counters[i], firstLane + i);
      int last = blocks(textLengths[i]);
      for (int block = 1; block <= last; block++) {
        narrowBlock(key.words, block, counters[i], lane++);
      }
    }
  }

  private void wideKeyStream(int[] key) {
    int lane = firstLane + packets;
    for (int i = 0; i < packets; i++) {
      int low = (int) counters[i];
      int high = (int) (counters[i] >>> Integer.SIZE);
      words[BLOCK_COUNTER + firstLane + i] = 0;
      words[COUNTER_LOW + firstLane + i] = low;
      words[COUNTER_HIGH + firstLane + i] = high;
      int blocks = blocks(textLengths[i]);
      System.arraycopy(ASCENDING, 0, words, BLOCK_COUNTER + lane, blocks);
      Arrays.fill(words, COUNTER_LOW + lane, COUNTER_LOW + lane + blocks, low);
      Arrays.fill(words, COUNTER_HIGH + lane, COUNTER_HIGH + lane + blocks, high);
      lane += blocks;
    }
    int parts = (lanes + TILE - 1) / TILE;
    int tile = wholeVectors((lanes + parts - 1) / parts);
    int end = firstLane + wholeVectors(lanes);
    // From the last to the first, since each also spoils the lane before it, where its loops can begin with one alone.
    for (int part = parts - 1; part >= 0; part--) {
      int from = firstLane + part * tile;
      int to = Math.min(from + tile, end);
      fillRows(key, from, to);
      for (int i = 0; i < 10; i++) {
        doubleRound(words, from - 1, to);
      }
      addRows(key, from - 1, to);
    }
  }

  private static int wholeVectors(int lanes) {
    return (lanes + VECTOR - 1) & -VECTOR;
  }

  private void fillRows(int[] key, int from, int to) {
    fillRow(0, A0, from, to);
    fillRow(1, A1, from, to);
    fillRow(2, A2, from, to);
    fillRow(3, A3, from, to);
    for (int i = 0; i < key.length; i++) {
      fillRow(4 + i, key[i], from, to);
    }
    System.arraycopy(words, BLOCK_COUNTER + from, words, 12 * LANES + from, to - from);
    fillRow(13, 0, from, to);
    System.arraycopy(words, COUNTER_LOW + from, words, 14 * LANES + from, to - from);
    System.arraycopy(words, COUNTER_HIGH + from, words, 15 * LANES + from, to - from);
  }

  private void fillRow(int row, int word, int from, int to) {
    Arrays.fill(words, row * LANES + from, row * LANES + to, word);
  }

  /** Section 2.3 adds what the state was before the rounds; row 13 was zero. One loop for all rows is slower. */
  private void addRows(int[] key, int from, int to) {
    addToRow(0, A0, from, to);
    addToRow(1, A1, from, to);
    addToRow(2, A2, from, to);
    addToRow(3, A3, from, to);
    for (int i = 0; i < key.length; i++) {
      addToRow(4 + i, key[i], from, to);
    }
    addCounters(words, from, to);
  }

  private void addToRow(int row, int word, int from, int to) {
    int[] x = words;
    int end = row * LANES + to;
    for (int i = row * LANES + from; i < end; i++) {
      x[i] += word;
    }
  }

  private static void addCounters(int[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i + 12 * LANES] += x[i + BLOCK_COUNTER];
      x[i + 14 * LANES] += x[i + COUNTER_LOW];
      x[i + 15 * LANES] += x[i + COUNTER_HIGH];
    }
  }

  /**
   * A column and a diagonal round (section 2.3) of all lanes: this is the loop that is vectorised. The state is a
   * matrix of rows a to d, and each four lines are a quarter round (section 2.1). One loop for eight of them halves the
   * loads and stores of a loop for each.
   */
  private static void doubleRound(int[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      int a0 = x[i];
      int a1 = x[i + LANES];
      int a2 = x[i + 2 * LANES];
      int a3 = x[i + 3 * LANES];
      int b0 = x[i + 4 * LANES];
      int b1 = x[i + 5 * LANES];
      int b2 = x[i + 6 * LANES];
      int b3 = x[i + 7 * LANES];
      int c0 = x[i + 8 * LANES];
      int c1 = x[i + 9 * LANES];
      int c2 = x[i + 10 * LANES];
      int c3 = x[i + 11 * LANES];
      int d0 = x[i + 12 * LANES];
      int d1 = x[i + 13 * LANES];
      int d2 = x[i + 14 * LANES];
      int d3 = x[i + 15 * LANES];
      // Columns.
      a0 += b0;
      d0 = Integer.rotateLeft(d0 ^ a0, 16);
      c0 += d0;
      b0 = Integer.rotateLeft(b0 ^ c0, 12);
      a0 += b0;
      d0 = Integer.rotateLeft(d0 ^ a0, 8);
      c0 += d0;
      b0 = Integer.rotateLeft(b0 ^ c0, 7);
      a1 += b1;
      d1 = Integer.rotateLeft(d1 ^ a1, 16);
      c1 += d1;
      b1 = Integer.rotateLeft(b1 ^ c1, 12);
      a1 += b1;
      d1 = Integer.rotateLeft(d1 ^ a1, 8);
      c1 += d1;
      b1 = Integer.rotateLeft(b1 ^ c1, 7);
      a2 += b2;
      d2 = Integer.rotateLeft(d2 ^ a2, 16);
      c2 += d2;
      b2 = Integer.rotateLeft(b2 ^ c2, 12);
      a2 += b2;
      d2 = Integer.rotateLeft(d2 ^ a2, 8);
      c2 += d2;
      b2 = Integer.rotateLeft(b2 ^ c2, 7);
      a3 += b3;
      d3 = Integer.rotateLeft(d3 ^ a3, 16);
      c3 += d3;
      b3 = Integer.rotateLeft(b3 ^ c3, 12);
      a3 += b3;
      d3 = Integer.rotateLeft(d3 ^ a3, 8);
      c3 += d3;
      b3 = Integer.rotateLeft(b3 ^ c3, 7);
      // Diagonals.
      a0 += b1;
      d3 = Integer.rotateLeft(d3 ^ a0, 16);
      c2 += d3;
      b1 = Integer.rotateLeft(b1 ^ c2, 12);
      a0 += b1;
      d3 = Integer.rotateLeft(d3 ^ a0, 8);
      c2 += d3;
      b1 = Integer.rotateLeft(b1 ^ c2, 7);
      a1 += b2;
      d0 = Integer.rotateLeft(d0 ^ a1, 16);
      c3 += d0;
      b2 = Integer.rotateLeft(b2 ^ c3, 12);
      a1 += b2;
      d0 = Integer.rotateLeft(d0 ^ a1, 8);
      c3 += d0;
      b2 = Integer.rotateLeft(b2 ^ c3, 7);
      a2 += b3;
      d1 = Integer.rotateLeft(d1 ^ a2, 16);
      c0 += d1;
      b3 = Integer.rotateLeft(b3 ^ c0, 12);
      a2 += b3;
      d1 = Integer.rotateLeft(d1 ^ a2, 8);
      c0 += d1;
      b3 = Integer.rotateLeft(b3 ^ c0, 7);
      a3 += b0;
      d2 = Integer.rotateLeft(d2 ^ a3, 16);
      c1 += d2;
      b0 = Integer.rotateLeft(b0 ^ c1, 12);
      a3 += b0;
      d2 = Integer.rotateLeft(d2 ^ a3, 8);
      c1 += d2;
      b0 = Integer.rotateLeft(b0 ^ c1, 7);
      x[i] = a0;
      x[i + LANES] = a1;
      x[i + 2 * LANES] = a2;
      x[i + 3 * LANES] = a3;
      x[i + 4 * LANES] = b0;
      x[i + 5 * LANES] = b1;
      x[i + 6 * LANES] = b2;
      x[i + 7 * LANES] = b3;
      x[i + 8 * LANES] = c0;
      x[i + 9 * LANES] = c1;
      x[i + 10 * LANES] = c2;
      x[i + 11 * LANES] = c3;
      x[i + 12 * LANES] = d0;
      x[i + 13 * LANES] = d1;
      x[i + 14 * LANES] = d2;
      x[i + 15 * LANES] = d3;
    }
  }

  /** The same for one lane, in registers. */
  private void narrowBlock(int[] key, int block, long counter, int lane) {
    int a0 = A0;
    int a1 = A1;
    int a2 = A2;
    int a3 = A3;
    int b0 = key[0];
    int b1 = key[1];
    int b2 = key[2];
    int b3 = key[3];
    int c0 = key[4];
    int c1 = key[5];
    int c2 = key[6];
    int c3 = key[7];
    int d0 = block;
    int d1 = 0;
    int d2 = (int) counter;
    int d3 = (int) (counter >>> Integer.SIZE);
    for (int i = 0; i < 10; i++) {
      // Columns.
      a0 += b0;
      d0 = Integer.rotateLeft(d0 ^ a0, 16);
      c0 += d0;
      b0 = Integer.rotateLeft(b0 ^ c0, 12);
      a0 += b0;
      d0 = Integer.rotateLeft(d0 ^ a0, 8);
      c0 += d0;
      b0 = Integer.rotateLeft(b0 ^ c0, 7);
      a1 += b1;
      d1 = Integer.rotateLeft(d1 ^ a1, 16);
      c1 += d1;
      b1 = Integer.rotateLeft(b1 ^ c1, 12);
      a1 += b1;
      d1 = Integer.rotateLeft(d1 ^ a1, 8);
      c1 += d1;
      b1 = Integer.rotateLeft(b1 ^ c1, 7);
      a2 += b2;
      d2 = Integer.rotateLeft(d2 ^ a2, 16);
      c2 += d2;
      b2 = Integer.rotateLeft(b2 ^ c2, 12);
      a2 += b2;
      d2 = Integer.rotateLeft(d2 ^ a2, 8);
      c2 += d2;
      b2 = Integer.rotateLeft(b2 ^ c2, 7);
      a3 += b3;
      d3 = Integer.rotateLeft(d3 ^ a3, 16);
      c3 += d3;
      b3 = Integer.rotateLeft(b3 ^ c3, 12);
      a3 += b3;
      d3 = Integer.rotateLeft(d3 ^ a3, 8);
      c3 += d3;
      b3 = Integer.rotateLeft(b3 ^ c3, 7);
      // Diagonals.
      a0 += b1;
      d3 = Integer.rotateLeft(d3 ^ a0, 16);
      c2 += d3;
      b1 = Integer.rotateLeft(b1 ^ c2, 12);
      a0 += b1;
      d3 = Integer.rotateLeft(d3 ^ a0, 8);
      c2 += d3;
      b1 = Integer.rotateLeft(b1 ^ c2, 7);
      a1 += b2;
      d0 = Integer.rotateLeft(d0 ^ a1, 16);
      c3 += d0;
      b2 = Integer.rotateLeft(b2 ^ c3, 12);
      a1 += b2;
      d0 = Integer.rotateLeft(d0 ^ a1, 8);
      c3 += d0;
      b2 = Integer.rotateLeft(b2 ^ c3, 7);
      a2 += b3;
      d1 = Integer.rotateLeft(d1 ^ a2, 16);
      c0 += d1;
      b3 = Integer.rotateLeft(b3 ^ c0, 12);
      a2 += b3;
      d1 = Integer.rotateLeft(d1 ^ a2, 8);
      c0 += d1;
      b3 = Integer.rotateLeft(b3 ^ c0, 7);
      a3 += b0;
      d2 = Integer.rotateLeft(d2 ^ a3, 16);
      c1 += d2;
      b0 = Integer.rotateLeft(b0 ^ c1, 12);
      a3 += b0;
      d2 = Integer.rotateLeft(d2 ^ a3, 8);
      c1 += d2;
      b0 = Integer.rotateLeft(b0 ^ c1, 7);
    }
    int[] x = words;
    x[lane] = a0 + A0;
    x[lane + LANES] = a1 + A1;
    x[lane + 2 * LANES] = a2 + A2;
    x[lane + 3 * LANES] = a3 + A3;
    x[lane + 4 * LANES] = b0 + key[0];
    x[lane + 5 * LANES] = b1 + key[1];
    x[lane + 6 * LANES] = b2 + key[2];
    x[lane + 7 * LANES] = b3 + key[3];
    x[lane + 8 * LANES] = c0 + key[4];
    x[lane + 9 * LANES] = c1 + key[5];
    x[lane + 10 * LANES] = c2 + key[6];
    x[lane + 11 * LANES] = c3 + key[7];
    x[lane + 12 * LANES] = d0 + block;
    x[lane + 13 * LANES] = d1;
    x[lane + 14 * LANES] = d2 + (int) counter;
    x[lane + 15 * LANES] = d3 + (int) (counter >>> Integer.SIZE);
  }

  /** Encrypts or decrypts a text with the key stream from {@code firstLane} on. */
  private void xor(int firstLane, byte[] bytes, int offset, int length) {
    int[] x = words;
    int full = length / BLOCK_LENGTH;
    for (int i = 0; i < full; i++) {
      int lane = firstLane + i;
      int at = offset + i * BLOCK_LENGTH;
      xorLong(bytes, at, twoWords(x, lane));
      xorLong(bytes, at + 8, twoWords(x, lane + 2 * LANES));
      xorLong(bytes, at + 16, twoWords(x, lane + 4 * LANES));
      xorLong(bytes, at + 24, twoWords(x, lane + 6 * LANES));
      xorLong(bytes, at + 32, twoWords(x, lane + 8 * LANES));
      xorLong(bytes, at + 40, twoWords(x, lane + 10 * LANES));
      xorLong(bytes, at + 48, twoWords(x, lane + 12 * LANES));
      xorLong(bytes, at + 56, twoWords(x, lane + 14 * LANES));
    }
    int at = offset + full * BLOCK_LENGTH;
    int end = offset + length;
    int word = firstLane + full;
    while (end - at >= Long.BYTES) {
      xorLong(bytes, at, twoWords(x, word));
      at += Long.BYTES;
      word += 2 * LANES;
    }
    if (at < end) {
      long rest = twoWords(x, word);
      for (; at < end; at++) {
        bytes[at] ^= (byte) rest;
        rest >>>= Byte.SIZE;
      }
    }
  }

  private static void xorLong(byte[] bytes, int offset, long key) {
    LONG.set(bytes, offset, (long) LONG.get(bytes, offset) ^ key);
  }

  /** Eight bytes of key stream: the word at {@code low} and the next of the same lane. */
  private static long twoWords(int[] x, int low) {
    return (x[low] & 0xffffffffL) | ((long) x[low + LANES] << Integer.SIZE);
  }

  /**
   * Learns where in a row the loops should start. C2 does single elements until one is at a multiple of a vector's length
   * in memory, then vectors, then the rest singly. An element takes it two thirds of the time of a vector, so that up to a
   * fifth of all time can be won if but one comes before the vectors and none behind them. No API tells where an array is,
   * and the garbage collector may move it; so now and then another start is tried, and the fastest is kept.
   */
  private static final class Alignment {
    /** One run in so many is a trial: enough to follow a move within a second of load, too few to cost anything. */
    private static final int PERIOD = 16;

    /** Trials of each start before the next choice: the fastest of a few was not interrupted. */
    private static final int ROUNDS = 8;

    private static final int SCALE = 1 << 10;

    private final long[] fastest;
    private int chosen;
    private int runs;
    private long beganNs;

    /** Starts from 0 to {@code starts} (exclusive), which is a power of two. */
    Alignment(int starts) {
      fastest = new long[starts];
      Arrays.fill(fastest, Long.MAX_VALUE);
    }

    private boolean isTrial() {
      return (runs & (PERIOD - 1)) == 0;
    }

    private int onTrial() {
      return (runs / PERIOD) & (fastest.length - 1);
    }

    /** Returns the start to use for the next run. */
    int begin() {
      runs++;
      if (!isTrial()) {
        return chosen;
      }
      beganNs = System.nanoTime();
      return onTrial();
    }

    /** Ends a run of a certain size, to which its time is in proportion. */
    void end(int size) {
      if (!isTrial()) {
        return;
      }
      int start = onTrial();
      fastest[start] = Math.min(fastest[start], (System.nanoTime() - beganNs) * SCALE / size);
      if (runs % (PERIOD * ROUNDS * fastest.length) == 0) {
        choose();
      }
    }

    private void choose() {
      for (int start = 0; start < fastest.length; start++) {
        if (fastest[start] < fastest[chosen]) {
          chosen = start;
        }
      }
      Arrays.fill(fastest, Long.MAX_VALUE);
    }
  }

  // ---- Poly1305, RFC 8439 sections 2.5, 2.6 and 2.8 ----

  /** Computes the tags of all packets, whose ciphertexts begin at {@code offsets[first]} and so on. */
  private void authenticate(byte[] bytes, int[] offsets, int first) {
    int i = 0;
    while (i < packets) {
      int run = Math.min(equalLengths(i), Poly1305Lanes.MOST_PACKETS);
      if (run >= Poly1305Lanes.FEWEST_PACKETS && textLengths[i] >= Poly1305Lanes.SHORTEST_TEXT) {
        authenticateTogether(i, run, bytes, offsets, first + i);
        i += run;
      } else {
        authenticate(i, bytes, offsets[first + i], textLengths[i]);
        i++;
      }
    }
  }

  private int equalLengths(int packet) {
    int end = packet + 1;
    while (end < packets && textLengths[end] == textLengths[packet]) {
      end++;
    }
    return end - packet;
  }

  private void authenticate(int packet, byte[] bytes, int offset, int length) {
    int lane = firstLane + packet;
    poly.begin(twoWords(words, lane), twoWords(words, lane + 2 * LANES));
    poly.text(bytes, offset, length);
    poly.block(0, length); // section 2.8: the lengths of associated data (none) and ciphertext
    end(packet);
  }

  private void authenticateTogether(int packet, int run, byte[] bytes, int[] offsets, int first) {
    for (int i = 0; i < run; i++) {
      int lane = firstLane + packet + i;
      polyLanes.key(i, twoWords(words, lane), twoWords(words, lane + 2 * LANES));
    }
    polyLanes.texts(run, bytes, offsets, first, textLengths[packet]);
    for (int i = 0; i < run; i++) {
      polyLanes.result(i, poly);
      end(packet + i);
    }
  }

  private void end(int packet) {
    int lane = firstLane + packet;
    poly.end(twoWords(words, lane + 4 * LANES), twoWords(words, lane + 6 * LANES));
    tagsLow[packet] = poly.tagLow;
    tagsHigh[packet] = poly.tagHigh;
  }

  /**
   * Numbers modulo p = 2^130 - 5 in three limbs of 44, 44 and 42 bits (more in between): h0 + h1 2^44 + h2 2^88. What
   * a product has above 2^132 is 20 times as much at 2^0, since 2^130 is 5.
   *
   * <p>Two blocks are taken at once, h = (h + m) r^2 + m' r, so that the carries are done once for both.
   */
  static final class Poly1305 {
    private static final int LIMB = 44;
    private static final long MASK = (1L << LIMB) - 1;
    private static final int TOP_LIMB = 42;
    private static final long TOP_MASK = (1L << TOP_LIMB) - 1;

    /** The bit that section 2.5.1 puts behind the 16 bytes of a block: 2^128, in the top limb. */
    static final long BEHIND_BLOCK = 1L << 40;

    /** What section 2.5 leaves of the first half of the one-time key. */
    static final long CLAMP_LOW = 0x0ffffffc0fffffffL;

    static final long CLAMP_HIGH = 0x0ffffffc0ffffffcL;

    private static final int PAIR_LENGTH = 32;

    private long r0;
    private long r1;
    private long r2;
    private long h0;
    private long h1;
    private long h2;
    long tagLow;
    long tagHigh;

    /** Starts with the first half of the one-time key, of which section 2.5 clears some bits. */
    void begin(long keyLow, long keyHigh) {
      long low = keyLow & CLAMP_LOW;
      long high = keyHigh & CLAMP_HIGH;
      r0 = limb0(low);
      r1 = limb1(low, high);
      r2 = limb2(high);
      h0 = 0;
      h1 = 0;
      h2 = 0;
    }

    /** Takes in a ciphertext, padded with zeros to a multiple of 16 (section 2.8). */
    void text(byte[] bytes, int offset, int length) {
      int pairs = length / PAIR_LENGTH;
      if (pairs > 0) {
        pairs(bytes, offset, pairs);
      }
      int at = offset + pairs * PAIR_LENGTH;
      int end = offset + length;
      if (end - at >= 16) {
        block((long) LONG.get(bytes, at), (long) LONG.get(bytes, at + Long.BYTES));
        at += 16;
      }
      if (at < end) {
        block(load(bytes, at, end), load(bytes, at + Long.BYTES, end));
      }
    }

    /** The bytes from {@code from} on, at most eight, as far as they are before {@code end}. */
    static long load(byte[] bytes, int from, int end) {
      long value = 0;
      for (int i = Math.min(end - from, Long.BYTES) - 1; i >= 0; i--) {
        value = (value << Byte.SIZE) | (bytes[from + i] & 0xff);
      }
      return value;
    }

    private void pairs(byte[] bytes, int offset, int count) {
      final long r0 = this.r0;
      final long r1 = this.r1;
      final long r2 = this.r2;
      final long s1 = 20 * r1;
      final long s2 = 20 * r2;

      // q is the square of r.
      h0 = r0;
      h1 = r1;
      h2 = r2;
      multiply();
      final long q0 = h0;
      final long q1 = h1;
      final long q2 = h2;
      final long t1 = 20 * q1;
      final long t2 = 20 * q2;

      long h0 = 0;
      long h1 = 0;
      long h2 = 0;
      for (int i = 0; i < count; i++) {
        int at = offset + i * PAIR_LENGTH;
        long low = (long) LONG.get(bytes, at);
        long high = (long) LONG.get(bytes, at + 8);
        h0 += limb0(low);
        h1 += limb1(low, high);
        h2 += limb2(high) | BEHIND_BLOCK;
        low = (long) LONG.get(bytes, at + 16);
        high = (long) LONG.get(bytes, at + 24);
        long m0 = limb0(low);
        long m1 = limb1(low, high);
        long m2 = limb2(high) | BEHIND_BLOCK;

        long low0 = low(h0, q0) + low(h1, t2) + low(h2, t1) + low(m0, r0) + low(m1, s2) + low(m2, s1);
        long low1 = low(h0, q1) + low(h1, q0) + low(h2, t2) + low(m0, r1) + low(m1, r0) + low(m2, s2);
        long low2 = low(h0, q2) + low(h1, q1) + low(h2, q0) + low(m0, r2) + low(m1, r1) + low(m2, r0);
        long high0 = high(h0, q0) + high(h1, t2) + high(h2, t1) + high(m0, r0) + high(m1, s2) + high(m2, s1);
        long high1 = high(h0, q1) + high(h1, q0) + high(h2, t2) + high(m0, r1) + high(m1, r0) + high(m2, s2);
        long high2 = high(h0, q2) + high(h1, q1) + high(h2, q0) + high(m0, r2) + high(m1, r1) + high(m2, r0);

        low1 += high0 + (low0 >>> LIMB);
        low2 += high1 + (low1 >>> LIMB);
        low0 = (low0 & MASK) + 5 * (low2 >>> TOP_LIMB) + 20 * high2;
        h0 = low0 & MASK;
        h1 = (low1 & MASK) + (low0 >>> LIMB);
        h2 = low2 & TOP_MASK;
      }
      this.h0 = h0;
      this.h1 = h1;
      this.h2 = h2;
    }

    /** Takes in one whole block. */
    void block(long low, long high) {
      h0 += limb0(low);
      h1 += limb1(low, high);
      h2 += limb2(high) | BEHIND_BLOCK;
      multiply();
    }

    /** Multiplies h by r: as in {@link #pairs}, without the second block. */
    private void multiply() {
      long s1 = 20 * r1;
      long s2 = 20 * r2;
      long low0 = low(h0, r0) + low(h1, s2) + low(h2, s1);
      long low1 = low(h0, r1) + low(h1, r0) + low(h2, s2);
      long low2 = low(h0, r2) + low(h1, r1) + low(h2, r0);
      long high0 = high(h0, r0) + high(h1, s2) + high(h2, s1);
      long high1 = high(h0, r1) + high(h1, r0) + high(h2, s2);
      long high2 = high(h0, r2) + high(h1, r1) + high(h2, r0);

      low1 += high0 + (low0 >>> LIMB);
      low2 += high1 + (low1 >>> LIMB);
      low0 = (low0 & MASK) + 5 * (low2 >>> TOP_LIMB) + 20 * high2;
      h0 = low0 & MASK;
      h1 = (low1 & MASK) + (low0 >>> LIMB);
      h2 = low2 & TOP_MASK;
    }

    /** The part of a product below 2^44. */
    private static long low(long a, long b) {
      return (a * b) & MASK;
    }

    /**
     * The part of a product from 2^44 on: shifted left by 20 in all, its upper half of 64 bits is just that. The first
     * factor has at most 46 bits and the second, 20 times a limb, 49, so that neither becomes negative.
     */
    private static long high(long a, long b) {
      return Math.multiplyHigh(a << 17, b << 3);
    }

    /** Sets h to limbs of at most 46 bits and any sign. */
    void h(long limb0, long limb1, long limb2) {
      // 32 p makes them positive.
      h0 = limb0 + 32 * (MASK - 4);
      h1 = limb1 + 32 * MASK;
      h2 = limb2 + 32 * TOP_MASK;
    }

    /** Adds the second half of the one-time key to h mod p, modulo 2^128. */
    void end(long keyLow, long keyHigh) {
      h2 += h1 >>> LIMB;
      h1 &= MASK;
      h0 += 5 * (h2 >>> TOP_LIMB);
      h2 &= TOP_MASK;
      h1 += h0 >>> LIMB;
      h0 &= MASK;
      h2 += h1 >>> LIMB;
      h1 &= MASK;

      // h - p, which is negative if h is less than p already; then h stays.
      long g0 = h0 + 5;
      long g1 = h1 + (g0 >>> LIMB);
      long g2 = h2 + (g1 >>> LIMB) - (1L << TOP_LIMB);
      long keep = g2 >> (Long.SIZE - 1);
      h0 = (h0 & keep) | (g0 & MASK & ~keep);
      h1 = (h1 & keep) | (g1 & MASK & ~keep);
      h2 = (h2 & keep) | (g2 & ~keep);

      long low = h0 | (h1 << LIMB);
      long high = (h1 >>> (Long.SIZE - LIMB)) | (h2 << (2 * LIMB - Long.SIZE));
      tagLow = low + keyLow;
      long carry = ((low & keyLow) | ((low | keyLow) & ~tagLow)) >>> (Long.SIZE - 1);
      tagHigh = high + keyHigh + carry;
    }

    void wipe() {
      begin(0, 0);
      tagLow = 0;
      tagHigh = 0;
    }

    static long limb0(long low) {
      return low & MASK;
    }

    static long limb1(long low, long high) {
      return ((low >>> LIMB) | (high << (Long.SIZE - LIMB))) & MASK;
    }

    static long limb2(long high) {
      return high >>> (2 * LIMB - Long.SIZE);
    }
  }

  /**
   * Poly1305 of many equally long texts in the lanes of C2's vectors. A lane takes every fourth block of a packet: with
   * r^4 in place of r until its last block, which is multiplied by r^4, r^3, r^2 or r, the four lanes' sum is the
   * packet's.
   *
   * <p>A number is the sum of six doubles, multiples of 2^0, 2^22, 2^44, 2^66, 2^88 and 2^110 with few enough bits that
   * all sums of products are below 2^53 of their units, hence exact. They may be negative. What a product has from
   * 2^130 on is 5 2^-130 times as much.
   *
   * <p>Doubles because C2 vectorises their multiplication on every processor with vectors, and because
   * it counts one of longs as ten nodes of a loop. Its loops unroll, and hence become vectors, only up to some 60
   * nodes. To stay below, there is a constant bound, from which C2 knows that no index overflows (two nodes less for
   * each access), with an exit at the actual one; and not more in a loop than the half of what registers would allow.
   */
  static final class Poly1305Lanes {
    private static final int LANES_PER_PACKET = 4;
    static final int MOST_PACKETS = 48;

    /** With fewer, too many lanes are idle: the scalar code is as fast. */
    static final int FEWEST_PACKETS = 16;

    /** Shorter texts do not pay for the powers of r. */
    static final int SHORTEST_TEXT = 256;

    /** All rows of so many are 43 KB, which the first cache still takes. */
    private static final int LANES = MOST_PACKETS * LANES_PER_PACKET;

    /** C2 does not unroll by eight a loop that it has seen end after less than 71 rounds. */
    private static final int FEWEST_LANES = 96;

    /** Not a multiple of 4096 bytes, see above, but of 64. */
    private static final int ROW = LANES + 8;

    private static final int BLOCK_LENGTH = 16;

    // The rows: h, r, 5 2^-130 r without its first limb, the product h r, the next block, a carry, and the last powers.
    private static final int H = 0;
    private static final int R = 6 * ROW;
    private static final int S = 11 * ROW; // the first limb's would be here, but is r's last
    private static final int PRODUCT = 17 * ROW;
    private static final int BLOCK = 23 * ROW;
    private static final int CARRY = 27 * ROW;
    private static final int LAST = 28 * ROW;
    private static final int ROWS = 34;

    private static final double UNIT1 = 0x1p22;
    private static final double UNIT2 = 0x1p44;
    private static final double UNIT3 = 0x1p66;
    private static final double UNIT4 = 0x1p88;
    private static final double UNIT5 = 0x1p110;
    private static final long LIMB_MASK = (1 << 22) - 1;

    // A double plus and minus 3 2^51 times a unit is rounded to that unit.
    private static final double TO_UNIT1 = 0x3p51 * UNIT1;
    private static final double TO_UNIT2 = 0x3p51 * UNIT2;
    private static final double TO_UNIT3 = 0x3p51 * UNIT3;
    private static final double TO_UNIT4 = 0x3p51 * UNIT4;
    private static final double TO_UNIT5 = 0x3p51 * UNIT5;
    private static final double TO_UNIT6 = 0x3p51 * 0x1p132;

    // A row of the block holds 32 of its bits as the fraction of a double, behind this leading bit.
    private static final double LEADING0 = 0x1p52;
    private static final double LEADING1 = 0x1p52 * 0x1p32;
    private static final double LEADING2 = 0x1p52 * 0x1p64;
    private static final double LEADING3 = 0x1p52 * 0x1p96;
    private static final long LEADING_BIT0 = Double.doubleToRawLongBits(LEADING0);
    private static final long LEADING_BIT1 = Double.doubleToRawLongBits(LEADING1);
    private static final long LEADING_BIT2 = Double.doubleToRawLongBits(LEADING2);
    private static final long LEADING_BIT3 = Double.doubleToRawLongBits(LEADING3) | (1L << 32); // and 2^128
    private static final long WORD_MASK = 0xffffffffL;

    /** 2^130 is 5. */
    private static final double WRAP = 0x5p-130;

    private static final int FUSED_TRIALS = 100;
    private static final long MOST_FUSED_NS = 300;

    /** In one instruction where there is one: elsewhere {@link Math#fma} is slow, and how slow depends on its arguments. */
    private static final boolean FUSED = hasFusedMultiplyAdd();

    private final double[] x = new double[ROWS * ROW];

    /** The first half of a packet's one-time key. */
    void key(int packet, long keyLow, long keyHigh) {
      long low = keyLow & Poly1305.CLAMP_LOW;
      long high = keyHigh & Poly1305.CLAMP_HIGH;
      x[R + packet] = low & LIMB_MASK;
      x[R + packet + ROW] = ((low >>> 22) & LIMB_MASK) * UNIT1;
      x[R + packet + 2 * ROW] = (((low >>> 44) | (high << 20)) & LIMB_MASK) * UNIT2;
      x[R + packet + 3 * ROW] = ((high >>> 2) & LIMB_MASK) * UNIT3;
      x[R + packet + 4 * ROW] = ((high >>> 24) & LIMB_MASK) * UNIT4;
      x[R + packet + 5 * ROW] = (high >>> 46) * UNIT5;
    }

    /** Takes in the ciphertexts of as many packets as got keys, padded with zeros, and their length (section 2.8). */
    void texts(int packets, byte[] bytes, int[] offsets, int first, int length) {
      powers(packets);
      int lanes = lanes(LANES_PER_PACKET * packets);
      int blocks = (length + BLOCK_LENGTH - 1) / BLOCK_LENGTH + 1;
      // The blocks that are missing for a multiple of four come first, as zeros.
      int block = -(-blocks & (LANES_PER_PACKET - 1));
      Arrays.fill(x, PRODUCT, PRODUCT + 6 * ROW, 0);
      while (block < blocks) {
        blocks(packets, block, bytes, offsets, first, length);
        carry(lanes);
        block += LANES_PER_PACKET;
        if (block == blocks) {
          System.arraycopy(x, LAST, x, R, 6 * ROW);
          wrapFactor();
        }
        multiply(lanes);
      }
      noBlocks();
      carry(lanes);
    }

    private static int lanes(int wanted) {
      return Math.max(wanted, FEWEST_LANES);
    }

    /**
     * Leaves r^4 in r, and r^4, r^3, r^2, r of each packet as the last factors. Before that, a lane is a packet: r^2 by
     * r^2 goes on in the first lanes, r^2 by r in as many behind them.
     */
    private void powers(int packets) {
      int limbs = 6 * ROW;
      for (int limb = 0; limb < limbs; limb += ROW) {
        System.arraycopy(x, R + limb, x, H + limb, packets);
      }
      multiplyAlone(lanes(packets));
      for (int limb = 0; limb < limbs; limb += ROW) {
        System.arraycopy(x, R + limb, x, R + limb + packets, packets);
        System.arraycopy(x, H + limb, x, R + limb, packets);
        System.arraycopy(x, H + limb, x, H + limb + packets, packets);
      }
      multiplyAlone(lanes(2 * packets));
      for (int limb = 0; limb < limbs; limb += ROW) {
        for (int i = 0; i < packets; i++) {
          int last = LAST + limb + LANES_PER_PACKET * i;
          x[last] = x[H + limb + i];
          x[last + 1] = x[H + limb + packets + i];
          x[last + 2] = x[R + limb + i];
          x[last + 3] = x[R + limb + packets + i];
        }
        for (int i = 0; i < packets; i++) {
          int all = R + limb + LANES_PER_PACKET * i;
          double power = x[H + limb + i];
          x[all] = power;
          x[all + 1] = power;
          x[all + 2] = power;
          x[all + 3] = power;
        }
      }
      wrapFactor();
    }

    private void multiplyAlone(int lanes) {
      noBlocks();
      wrapFactor();
      multiply(lanes);
      carry(lanes);
    }

    private void wrapFactor() {
      double[] x = this.x;
      for (int i = ROW; i < 6 * ROW; i++) {
        x[i + S] = x[i + R] * WRAP;
      }
    }

    /** Puts four blocks of each packet into its lanes. */
    private void blocks(int packets, int block, byte[] bytes, int[] offsets, int first, int length) {
      int at = block * BLOCK_LENGTH;
      if (block >= 0 && at + LANES_PER_PACKET * BLOCK_LENGTH <= length) {
        for (int i = 0; i < packets; i++) {
          fourBlocks(x, i * LANES_PER_PACKET, bytes, offsets[first + i] + at);
        }
      } else {
        for (int i = 0; i < packets; i++) {
          for (int part = 0; part < LANES_PER_PACKET; part++) {
            edgeBlock(i * LANES_PER_PACKET + part, bytes, offsets[first + i], at + part * BLOCK_LENGTH, length);
          }
        }
      }
    }

    private static void fourBlocks(double[] x, int lane, byte[] bytes, int at) {
      block(x, lane, bytes, at);
      block(x, lane + 1, bytes, at + BLOCK_LENGTH);
      block(x, lane + 2, bytes, at + 2 * BLOCK_LENGTH);
      block(x, lane + 3, bytes, at + 3 * BLOCK_LENGTH);
    }

    /** A block that may be before the text, its incomplete last one, or the one behind it with its length. */
    private void edgeBlock(int lane, byte[] bytes, int offset, int at, int length) {
      int start = offset + at;
      int end = offset + length;
      if (at < 0) {
        x[BLOCK + lane] = LEADING0;
        x[BLOCK + lane + ROW] = LEADING1;
        x[BLOCK + lane + 2 * ROW] = LEADING2;
        x[BLOCK + lane + 3 * ROW] = LEADING3;
      } else if (at + BLOCK_LENGTH <= length) {
        block(x, lane, bytes, start);
      } else if (at < length) {
        block(x, lane, Poly1305.load(bytes, start, end), Poly1305.load(bytes, start + Long.BYTES, end));
      } else {
        block(x, lane, 0, length);
      }
    }

    private void noBlocks() {
      Arrays.fill(x, BLOCK, BLOCK + ROW, LEADING0);
      Arrays.fill(x, BLOCK + ROW, BLOCK + 2 * ROW, LEADING1);
      Arrays.fill(x, BLOCK + 2 * ROW, BLOCK + 3 * ROW, LEADING2);
      Arrays.fill(x, BLOCK + 3 * ROW, BLOCK + 4 * ROW, LEADING3);
    }

    private static void block(double[] x, int lane, byte[] bytes, int at) {
      words(
          x,
          lane,
          (int) INT.get(bytes, at),
          (int) INT.get(bytes, at + 4),
          (int) INT.get(bytes, at + 8),
          (int) INT.get(bytes, at + 12));
    }

    private static void block(double[] x, int lane, long low, long high) {
      words(x, lane, (int) low, (int) (low >>> 32), (int) high, (int) (high >>> 32));
    }

    /**
     * Four words, since their bits need not fit into the limbs before the carries. To be the fraction of a double takes
     * less time than a conversion: C2 stores the bits as they are, and the carries take off the leading one.
     */
    private static void words(double[] x, int lane, int word0, int word1, int word2, int word3) {
      x[BLOCK + lane] = Double.longBitsToDouble(LEADING_BIT0 | (word0 & WORD_MASK));
      x[BLOCK + lane + ROW] = Double.longBitsToDouble(LEADING_BIT1 | (word1 & WORD_MASK));
      x[BLOCK + lane + 2 * ROW] = Double.longBitsToDouble(LEADING_BIT2 | (word2 & WORD_MASK));
      x[BLOCK + lane + 3 * ROW] = Double.longBitsToDouble(LEADING_BIT3 | (word3 & WORD_MASK));
    }

    private void multiply(int lanes) {
      multiply01(x, lanes - 1);
      multiply23(x, lanes - 1);
      multiply45(x, lanes - 1);
    }

    /** No API tells. One instruction takes less than the clock can show; the JDK's emulation computes with BigDecimal. */
    private static boolean hasFusedMultiplyAdd() {
      long bestNs = Long.MAX_VALUE;
      double sum = 0;
      for (int i = 0; i < FUSED_TRIALS; i++) {
        long begin = System.nanoTime();
        sum = Math.fma(i + 0.1, 1.3, sum);
        bestNs = Math.min(bestNs, System.nanoTime() - begin);
      }
      return bestNs < MOST_FUSED_NS && sum > 0;
    }

    /** The sum is exact, and so is the product alone. */
    private static double multiplyAdd(double a, double b, double c) {
      return FUSED ? Math.fma(a, b, c) : a * b + c;
    }

    private static void multiply01(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double h0 = x[i + H];
        double h1 = x[i + H + ROW];
        double h2 = x[i + H + 2 * ROW];
        double h3 = x[i + H + 3 * ROW];
        double h4 = x[i + H + 4 * ROW];
        double h5 = x[i + H + 5 * ROW];
        double r0 = x[i + R];
        double r1 = x[i + R + ROW];
        double s1 = x[i + S + ROW];
        double s2 = x[i + S + 2 * ROW];
        double s3 = x[i + S + 3 * ROW];
        double s4 = x[i + S + 4 * ROW];
        double s5 = x[i + S + 5 * ROW];
        double a = h0 * r0;
        a = multiplyAdd(h1, s5, a);
        a = multiplyAdd(h2, s4, a);
        a = multiplyAdd(h3, s3, a);
        a = multiplyAdd(h4, s2, a);
        a = multiplyAdd(h5, s1, a);
        double b = h0 * r1;
        b = multiplyAdd(h1, r0, b);
        b = multiplyAdd(h2, s5, b);
        b = multiplyAdd(h3, s4, b);
        b = multiplyAdd(h4, s3, b);
        b = multiplyAdd(h5, s2, b);
        x[i + PRODUCT] = a;
        x[i + PRODUCT + ROW] = b;
        if (i >= last) {
          break;
        }
      }
    }

    private static void multiply23(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double h0 = x[i + H];
        double h1 = x[i + H + ROW];
        double h2 = x[i + H + 2 * ROW];
        double h3 = x[i + H + 3 * ROW];
        double h4 = x[i + H + 4 * ROW];
        double h5 = x[i + H + 5 * ROW];
        double r0 = x[i + R];
        double r1 = x[i + R + ROW];
        double r2 = x[i + R + 2 * ROW];
        double r3 = x[i + R + 3 * ROW];
        double s3 = x[i + S + 3 * ROW];
        double s4 = x[i + S + 4 * ROW];
        double s5 = x[i + S + 5 * ROW];
        double a = h0 * r2;
        a = multiplyAdd(h1, r1, a);
        a = multiplyAdd(h2, r0, a);
        a = multiplyAdd(h3, s5, a);
        a = multiplyAdd(h4, s4, a);
        a = multiplyAdd(h5, s3, a);
        double b = h0 * r3;
        b = multiplyAdd(h1, r2, b);
        b = multiplyAdd(h2, r1, b);
        b = multiplyAdd(h3, r0, b);
        b = multiplyAdd(h4, s5, b);
        b = multiplyAdd(h5, s4, b);
        x[i + PRODUCT + 2 * ROW] = a;
        x[i + PRODUCT + 3 * ROW] = b;
        if (i >= last) {
          break;
        }
      }
    }

    private static void multiply45(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double h0 = x[i + H];
        double h1 = x[i + H + ROW];
        double h2 = x[i + H + 2 * ROW];
        double h3 = x[i + H + 3 * ROW];
        double h4 = x[i + H + 4 * ROW];
        double h5 = x[i + H + 5 * ROW];
        double r0 = x[i + R];
        double r1 = x[i + R + ROW];
        double r2 = x[i + R + 2 * ROW];
        double r3 = x[i + R + 3 * ROW];
        double r4 = x[i + R + 4 * ROW];
        double r5 = x[i + R + 5 * ROW];
        double s5 = x[i + S + 5 * ROW];
        double a = h0 * r4;
        a = multiplyAdd(h1, r3, a);
        a = multiplyAdd(h2, r2, a);
        a = multiplyAdd(h3, r1, a);
        a = multiplyAdd(h4, r0, a);
        a = multiplyAdd(h5, s5, a);
        double b = h0 * r5;
        b = multiplyAdd(h1, r4, b);
        b = multiplyAdd(h2, r3, b);
        b = multiplyAdd(h3, r2, b);
        b = multiplyAdd(h4, r1, b);
        b = multiplyAdd(h5, r0, b);
        x[i + PRODUCT + 4 * ROW] = a;
        x[i + PRODUCT + 5 * ROW] = b;
        if (i >= last) {
          break;
        }
      }
    }

    /** Makes h of the product and the block: three carries in each loop, and another one into the second limb. */
    private void carry(int lanes) {
      carry012(x, lanes - 1);
      carry345(x, lanes - 1);
      carry0(x, lanes - 1);
    }

    private static void carry012(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double d0 = x[i + PRODUCT] + (x[i + BLOCK] - LEADING0);
        double c0 = (d0 + TO_UNIT1) - TO_UNIT1;
        x[i + H] = d0 - c0;
        double d1 = x[i + PRODUCT + ROW] + (x[i + BLOCK + ROW] - LEADING1) + c0;
        double c1 = (d1 + TO_UNIT2) - TO_UNIT2;
        x[i + H + ROW] = d1 - c1;
        double d2 = x[i + PRODUCT + 2 * ROW] + (x[i + BLOCK + 2 * ROW] - LEADING2) + c1;
        double c2 = (d2 + TO_UNIT3) - TO_UNIT3;
        x[i + H + 2 * ROW] = d2 - c2;
        x[i + CARRY] = c2;
        if (i >= last) {
          break;
        }
      }
    }

    private static void carry345(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double d3 = x[i + PRODUCT + 3 * ROW] + x[i + CARRY];
        double c3 = (d3 + TO_UNIT4) - TO_UNIT4;
        x[i + H + 3 * ROW] = d3 - c3;
        double d4 = x[i + PRODUCT + 4 * ROW] + (x[i + BLOCK + 3 * ROW] - LEADING3) + c3;
        double c4 = (d4 + TO_UNIT5) - TO_UNIT5;
        x[i + H + 4 * ROW] = d4 - c4;
        double d5 = x[i + PRODUCT + 5 * ROW] + c4;
        double c5 = (d5 + TO_UNIT6) - TO_UNIT6;
        x[i + H + 5 * ROW] = d5 - c5;
        x[i + CARRY] = c5 * WRAP;
        if (i >= last) {
          break;
        }
      }
    }

    private static void carry0(double[] x, int last) {
      for (int i = 0; i < LANES; i++) {
        double d0 = x[i + H] + x[i + CARRY];
        double c0 = (d0 + TO_UNIT1) - TO_UNIT1;
        x[i + H] = d0 - c0;
        x[i + H + ROW] += c0;
        if (i >= last) {
          break;
        }
      }
    }

    /** Gives a packet's sum to the scalar code, which reduces it and makes the tag. */
    void result(int packet, Poly1305 poly) {
      int lane = packet * LANES_PER_PACKET;
      poly.h(
          limb(lane, 1) + limb(lane + ROW, UNIT1) * (1 << 22),
          limb(lane + 2 * ROW, UNIT2) + limb(lane + 3 * ROW, UNIT3) * (1 << 22),
          limb(lane + 4 * ROW, UNIT4) + limb(lane + 5 * ROW, UNIT5) * (1 << 22));
    }

    private long limb(int at, double unit) {
      return (long) ((x[at] + x[at + 1] + x[at + 2] + x[at + 3]) * (1 / unit));
    }

    void wipe() {
      Arrays.fill(x, 0);
    }
  }
}
