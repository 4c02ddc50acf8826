package dev.jwg.it;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * A TCP or UDP socket that can do what those of the JDK cannot: UDP segmentation and receive offload, the TOS byte of each
 * message, extension headers. Structures and numbers are those of 64-bit Linux. Not thread-safe but for one thread that
 * sends and one that receives on a connected TCP socket.
 */
final class NativeSocket implements AutoCloseable {
  private static final C C_LIBRARY = Native.load("c", C.class);

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SHUT_WR = 1;

  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int IPPROTO_IP = 0;
  private static final int IP_TOS = 1;
  private static final int IP_RECVTOS = 13;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;
  private static final int UDP_GRO = 104;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int IPV6_DSTOPTS = 59;
  private static final int IPV6_RECVTCLASS = 66;
  private static final int IPV6_TCLASS = 67;

  /** Of SO_SNDBUF and SO_RCVBUF: more than a whole run of datagrams takes. */
  private static final int BUFFER_BYTES = 8 << 20;

  private static final int MAX_DATAGRAM = 65_535;
  private static final int NAME = 72;
  private static final int CONTROL = 104;
  private static final int CONTROL_BYTES = 128;
  private static final int PAYLOAD = CONTROL + CONTROL_BYTES;

  /** The calls that are needed; each throws what errno says. */
  interface C extends Library {
    int socket(int domain, int type, int protocol) throws LastErrorException;

    int setsockopt(int fd, int level, int name, byte[] value, int length) throws LastErrorException;

    int bind(int fd, byte[] address, int length) throws LastErrorException;

    int connect(int fd, byte[] address, int length) throws LastErrorException;

    long send(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    long recv(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    long sendmsg(int fd, Memory message, int flags) throws LastErrorException;

    long recvmsg(int fd, Memory message, int flags) throws LastErrorException;

    int shutdown(int fd, int how) throws LastErrorException;

    int close(int fd) throws LastErrorException;
  }

  private final boolean isV6;
  private final int fd;
  private final Memory message = new Memory(PAYLOAD + MAX_DATAGRAM);
  private int tos;
  private int segment;

  private NativeSocket(boolean isV6, int type) {
    this.isV6 = isV6;
    fd = C_LIBRARY.socket(isV6 ? AF_INET6 : AF_INET, type, 0);
    message.clear();
    message.setPointer(0, message.share(NAME));
    message.setPointer(16, message.share(56));
    message.setLong(24, 1);
    message.setPointer(56, message.share(PAYLOAD));
  }

  static NativeSocket tcp(boolean isV6) {
    NativeSocket socket = new NativeSocket(isV6, SOCK_STREAM);
    socket.set(IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
  }

  static NativeSocket udp(boolean isV6) {
    NativeSocket socket = new NativeSocket(isV6, SOCK_DGRAM);
    socket.set(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    socket.set(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    socket.set(isV6 ? IPPROTO_IPV6 : IPPROTO_IP, isV6 ? IPV6_RECVTCLASS : IP_RECVTOS, 1);
    return socket;
  }

  private void set(int level, int name, int value) {
    set(level, name, intBytes(value));
  }

  private void set(int level, int name, byte[] value) {
    C_LIBRARY.setsockopt(fd, level, name, value, value.length);
  }

  private static byte[] intBytes(int value) {
    return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
  }

  /** What comes in at once may be many datagrams of one size. */
  NativeSocket takingMany() {
    set(SOL_UDP, UDP_GRO, 1);
    return this;
  }

  /** Every packet has a destination options header (RFC 8200 section 4.6), of 8 bytes that say nothing. */
  NativeSocket withExtensionHeader() {
    set(IPPROTO_IPV6, IPV6_DSTOPTS, new byte[] {0, 0, 1, 4, 0, 0, 0, 0});
    return this;
  }

  NativeSocket waitingAtMost(int seconds) {
    byte[] timeval = new byte[16];
    timeval[0] = (byte) seconds;
    set(SOL_SOCKET, SO_RCVTIMEO, timeval);
    return this;
  }

  NativeSocket bind(int port) {
    if (isV6) {
      set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    byte[] name = name(new byte[isV6 ? 16 : 4], port);
    C_LIBRARY.bind(fd, name, name.length);
    return this;
  }

  NativeSocket connect(InetAddress address, int port) {
    byte[] name = name(address.getAddress(), port);
    C_LIBRARY.connect(fd, name, name.length);
    return this;
  }

  /** A struct sockaddr_in or sockaddr_in6. */
  private byte[] name(byte[] address, int port) {
    byte[] name = new byte[isV6 ? 28 : 16];
    name[0] = (byte) (isV6 ? AF_INET6 : AF_INET);
    name[2] = (byte) (port >> 8);
    name[3] = (byte) port;
    System.arraycopy(address, 0, name, isV6 ? 8 : 4, address.length);
    return name;
  }

  /** Sends a piece of a stream. */
  void write(byte[] bytes, int offset, int length) {
    int sent = 0;
    while (sent < length) {
      byte[] rest = Arrays.copyOfRange(bytes, offset + sent, offset + length);
      sent += (int) C_LIBRARY.send(fd, rest, rest.length, 0);
    }
  }

  /** Receives some of a stream; 0 at its end. */
  int read(byte[] bytes) {
    return (int) C_LIBRARY.recv(fd, bytes, bytes.length, 0);
  }

  void endOutput() {
    C_LIBRARY.shutdown(fd, SHUT_WR);
  }

  /** Sends to the connected peer, in datagrams of so many bytes and a shorter last one, or in one if that is 0. */
  void send(byte[] bytes, int datagram, int tosByte) {
    message.setInt(8, 0);
    send(bytes, bytes.length, datagram, tosByte);
  }

  /** Sends to where the last message came from. */
  void reply(byte[] bytes, int length, int datagram, int tosByte) {
    message.setInt(8, isV6 ? 28 : 16);
    send(bytes, length, datagram, tosByte);
  }

  private void send(byte[] bytes, int length, int datagram, int tosByte) {
    message.write(PAYLOAD, bytes, 0, length);
    message.setLong(64, length);
    int control = CONTROL;
    control = control(control, isV6 ? IPPROTO_IPV6 : IPPROTO_IP, isV6 ? IPV6_TCLASS : IP_TOS, 4);
    message.setInt(control - 8, tosByte);
    if (datagram > 0) {
      control = control(control, SOL_UDP, UDP_SEGMENT, 2);
      message.setShort(control - 8, (short) datagram);
    }
    message.setPointer(32, message.share(CONTROL));
    message.setLong(40, control - CONTROL);
    C_LIBRARY.sendmsg(fd, message, 0);
  }

  /** Writes the head of a struct cmsghdr with a value of up to 8 bytes; returns where the next one goes. */
  private int control(int at, int level, int type, int length) {
    message.setLong(at, 16 + length);
    message.setInt(at + 8, level);
    message.setInt(at + 12, type);
    return at + 24;
  }

  /** Receives a message into the array; returns its length. */
  int receive(byte[] bytes) {
    message.setInt(8, 28);
    message.setLong(64, MAX_DATAGRAM);
    message.setPointer(32, message.share(CONTROL));
    message.setLong(40, CONTROL_BYTES);
    int length = (int) C_LIBRARY.recvmsg(fd, message, 0);
    message.read(PAYLOAD, bytes, 0, length);
    tos = 0;
    segment = 0;
    long end = CONTROL + message.getLong(40);
    for (long at = CONTROL; at + 16 <= end; at += (message.getLong(at) + 7) & ~7) {
      readControl(message.getInt(at + 8), message.getInt(at + 12), at + 16);
    }
    return length;
  }

  private void readControl(int level, int type, long data) {
    if (level == SOL_UDP && type == UDP_GRO) {
      segment = message.getInt(data);
    } else if (level == IPPROTO_IP && type == IP_TOS) {
      tos = message.getByte(data) & 0xff;
    } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
      tos = message.getInt(data);
    }
  }

  /** The TOS byte, or traffic class, of the message received last. */
  int tos() {
    return tos;
  }

  /** The size of the datagrams that the message received last was made of; 0 for a single one. */
  int segment() {
    return segment;
  }

  @Override
  public void close() {
    C_LIBRARY.close(fd);
  }
}
