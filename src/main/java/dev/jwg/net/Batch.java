package dev.jwg.net;

import java.util.Arrays;

/**
 * The packets or datagrams of one read, one behind the other in one heap array that is used again and again.
 *
 * <p>Before each slot lie {@link #HEADROOM} free bytes and behind it {@link #TAILROOM}, so that a packet is sealed into
 * a datagram where it stands. Not thread-safe: a batch belongs to the thread of its port. Whoever is shown a batch may
 * use it until it returns.
 */
public final class Batch {
  /** Room for the header of a transport data message. */
  public static final int HEADROOM = 16;

  /** Room for padding to 16 and the authentication tag. */
  public static final int TAILROOM = 15 + 16;

  /** Largest packet or datagram that the kernel hands over in one read. */
  public static final int MAX_LENGTH = 65535;

  private static final int PER_SLOT = HEADROOM + TAILROOM;

  private final byte[] bytes;
  private final int[] offsets;
  private final int[] lengths;
  private final byte[] tos;
  private final Endpoint[] remotes;
  private int count;
  private int used;

  /** A batch of at most {@code slots} packets and {@code capacity} bytes, room around the packets included. */
  public Batch(int capacity, int slots) {
    bytes = new byte[capacity];
    offsets = new int[slots];
    lengths = new int[slots];
    tos = new byte[slots];
    remotes = new Endpoint[slots];
    Arrays.fill(remotes, NO_REMOTE);
  }

  private static final Endpoint NO_REMOTE = new Endpoint(IpAddress.ANY_V4, 0);

  /** The array that all slots lie in. */
  public byte[] bytes() {
    return bytes;
  }

  public int count() {
    return count;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** True if a packet of {@code length} bytes still fits. */
  public boolean hasRoom(int length) {
    return hasRoom(1, length);
  }

  /** True if as many packets still fit that are {@code length} bytes together. */
  public boolean hasRoom(int slots, int length) {
    return count + slots <= offsets.length && used + slots * PER_SLOT + length <= bytes.length;
  }

  /** The capacity for as many packets that are {@code length} bytes together. */
  public static int capacityFor(int slots, int length) {
    return slots * PER_SLOT + length;
  }

  /**
   * Opens the next slot; the caller fills it.
   *
   * @return its offset in {@link #bytes()}
   */
  public int append(int length) {
    if (!hasRoom(length)) {
      throw new IllegalStateException("batch is full: " + count + " slots, " + used + " bytes");
    }
    int offset = used + HEADROOM;
    offsets[count] = offset;
    lengths[count] = length;
    tos[count] = 0;
    remotes[count] = NO_REMOTE;
    count++;
    used = offset + length + TAILROOM;
    return offset;
  }

  /** Copies a packet into the next slot. */
  public int append(byte[] source, int from, int length) {
    int offset = append(length);
    System.arraycopy(source, from, bytes, offset, length);
    return offset;
  }

  public int offset(int slot) {
    return offsets[slot];
  }

  public int length(int slot) {
    return lengths[slot];
  }

  /** All slots' offsets, for code that works on runs of slots; to be read only. */
  public int[] offsets() {
    return offsets;
  }

  /** All slots' lengths, as {@link #offsets}. */
  public int[] lengths() {
    return lengths;
  }

  /** Most slots there can be. */
  public int capacity() {
    return offsets.length;
  }

  /** Lengthens a packet by zeros, into its tail-room. */
  public void pad(int slot, int length) {
    int offset = offsets[slot];
    for (int i = lengths[slot]; i < length; i++) {
      bytes[offset + i] = 0;
    }
    lengths[slot] = length;
  }

  /** Moves a slot's bounds within its room: a packet that became a datagram, or the other way round. */
  public void bounds(int slot, int offset, int length) {
    offsets[slot] = offset;
    lengths[slot] = length;
  }

  /** The outer IP header's TOS or traffic class byte: DSCP and ECN. */
  public int tos(int slot) {
    return tos[slot] & 0xff;
  }

  public void tos(int slot, int value) {
    tos[slot] = (byte) value;
  }

  /** Who sent the datagram and where it arrived; meaningless for packets of a TUN device. */
  public Endpoint remote(int slot) {
    return remotes[slot];
  }

  public void remote(int slot, Endpoint endpoint) {
    remotes[slot] = endpoint;
  }

  public void clear() {
    count = 0;
    used = 0;
  }
}
