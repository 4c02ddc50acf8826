package dev.jwg.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Memory outside the heap at a fixed address, zero at first: the structures and buffers that system calls read and write.
 * Offsets are in bytes from its start. Freed when no longer reachable. Not thread-safe.
 */
public final class NativeMemory {
  private final ByteBuffer host;
  private final ByteBuffer network;
  private final long address;

  public NativeMemory(int size) {
    host = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    network = host.duplicate().order(ByteOrder.BIG_ENDIAN);
    address = Pointer.nativeValue(Native.getDirectBufferPointer(host));
  }

  /** The address of the byte at {@code offset}. */
  public long address(int offset) {
    return address + offset;
  }

  public byte getByte(int offset) {
    return host.get(offset);
  }

  public short getShort(int offset) {
    return host.getShort(offset);
  }

  public void putShort(int offset, int value) {
    host.putShort(offset, (short) value);
  }

  public int getInt(int offset) {
    return host.getInt(offset);
  }

  public void putInt(int offset, int value) {
    host.putInt(offset, value);
  }

  public long getLong(int offset) {
    return host.getLong(offset);
  }

  public void putLong(int offset, long value) {
    host.putLong(offset, value);
  }

  /** An unsigned 16-bit number in network byte order. */
  public int getNetworkShort(int offset) {
    return Short.toUnsignedInt(network.getShort(offset));
  }

  public void putNetworkShort(int offset, int value) {
    network.putShort(offset, (short) value);
  }

  public int getNetworkInt(int offset) {
    return network.getInt(offset);
  }

  public void putNetworkInt(int offset, int value) {
    network.putInt(offset, value);
  }

  public long getNetworkLong(int offset) {
    return network.getLong(offset);
  }

  public void putNetworkLong(int offset, long value) {
    network.putLong(offset, value);
  }

  public void copyIn(int offset, byte[] source, int from, int length) {
    host.put(offset, source, from, length);
  }

  public void copyOut(int offset, byte[] target, int to, int length) {
    host.get(offset, target, to, length);
  }

  /** Writes ASCII text and a terminating zero. */
  public void putString(int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    host.put(offset, bytes);
    host.put(offset + bytes.length, (byte) 0);
  }

  /** Reads ASCII text up to its terminating zero. */
  public String getString(int offset) {
    int end = offset;
    while (host.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - offset];
    host.get(offset, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
