package dev.jwg.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An rtnetlink or nfnetlink socket (netlink(7), rtnetlink(7)) of the network namespace in which the constructing thread is. Failures
 * carry the kernel's own words: {@code add route 10.0.0.0/8 dev wg0: EINVAL (Invalid prefix for given prefix length)}.
 * Not thread-safe.
 */
public final class NetlinkSocket implements AutoCloseable {

  /** Hears how each request of a batch ended, in the order of the batch. */
  public interface Acknowledgement {
    /**
     * The kernel is done with a request.
     *
     * @param position of the request in the batch, from 0
     * @param failure null if it succeeded
     */
    void onAcknowledged(int position, @Nullable SystemCallException failure);
  }

  private static final int AF_NETLINK = 16; // bits/socket.h
  private static final int SOL_SOCKET = 1; // asm-generic/socket.h
  private static final int SO_RCVBUF = 8;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_TRUNC = 0x20;
  private static final int NETLINK_ROUTE = 0; // linux/netlink.h, from here on
  private static final int NETLINK_NETFILTER = 12;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int SOCKADDR_NL_LENGTH = 12;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLM_F_DUMP_INTR = 0x10;

  /** The kernel fills at most 32 KiB per read of a dump; single messages can be larger. */
  private static final int RECEIVE_LENGTH = 1 << 16;

  private static final int SEND_LENGTH = 1 << 14;

  /** Acknowledgements wait in the receive buffer: 208 KiB by default, at about 1 KiB each with overhead. */
  private static final int WINDOW = 100;

  private static final int DUMP_ATTEMPTS = 10;

  private final int fd;
  private final Memory sendMemory = new Memory(SEND_LENGTH);
  private final Memory receiveMemory = new Memory(RECEIVE_LENGTH);
  private final ByteBuffer toSend = sendMemory.getByteBuffer(0, SEND_LENGTH).order(ByteOrder.nativeOrder());
  private final ByteBuffer received = receiveMemory.getByteBuffer(0, RECEIVE_LENGTH).order(ByteOrder.nativeOrder());
  private int sequence;
  private boolean closed;

  private NetlinkSocket(int protocol, int extraType, int groups) throws IOException {
    fd = Libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | extraType, protocol);
    if (fd < 0) {
      throw new SystemCallException("socket AF_NETLINK", Libc.errno());
    }
    try {
      bind(groups);
      enable(NETLINK_EXT_ACK);
      enable(NETLINK_CAP_ACK); // a failure need not bring the request back
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** A socket for requests, in the calling thread's network namespace. */
  public static NetlinkSocket open() throws IOException {
    return new NetlinkSocket(NETLINK_ROUTE, 0, 0);
  }

  /** The same for the packet filter: nfnetlink, on which {@link #transaction} works. */
  public static NetlinkSocket openNetfilter() throws IOException {
    return new NetlinkSocket(NETLINK_NETFILTER, 0, 0);
  }

  /**
   * A non-blocking socket that hears events.
   *
   * @param groups {@code RTMGRP_…} bits
   */
  static NetlinkSocket subscribe(int groups) throws IOException {
    return new NetlinkSocket(NETLINK_ROUTE, SOCK_NONBLOCK, groups);
  }

  int fd() {
    return fd;
  }

  /** Has one request carried out. */
  public void request(NetlinkRequest request) throws IOException {
    query(request, reply -> {});
  }

  /** Has one request answered: {@code reader} sees the answers. */
  public void query(NetlinkRequest request, Consumer<NetlinkMessage> reader) throws IOException {
    int wanted = ++sequence;
    send(request, NetlinkRequest.NLM_F_ACK, wanted);
    boolean[] acknowledged = {false};
    @Nullable SystemCallException[] failure = {null};
    while (!acknowledged[0]) {
      receive(
          message -> {
            if (message.sequence() != wanted) {
              return; // the rest of an exchange that failed
            }
            if (message.type() == NLMSG_ERROR) {
              acknowledged[0] = true;
              failure[0] = NetlinkError.of(message, request);
            } else {
              reader.accept(message);
            }
          });
    }
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  /**
   * Has many requests carried out, many per system call; a failed one does not stop those behind it. Requests are made
   * as they are needed, so memory does not grow with their number.
   */
  public void batch(int count, IntFunction<NetlinkRequest> requests, Acknowledgement acknowledgement)
      throws IOException {
    for (int position = 0; position < count; ) {
      List<NetlinkRequest> window = new ArrayList<>();
      toSend.clear();
      int first = sequence + 1;
      while (window.size() < WINDOW && position + window.size() < count) {
        NetlinkRequest request = requests.apply(position + window.size());
        if (!window.isEmpty() && request.length() > toSend.remaining()) {
          break;
        }
        request.writeTo(toSend, NetlinkRequest.NLM_F_ACK, ++sequence);
        window.add(request);
      }
      sendBuffer("send netlink batch");
      awaitAcknowledgements(window, first, position, acknowledgement);
      position += window.size();
    }
  }

  private void awaitAcknowledgements(
      List<NetlinkRequest> window, int first, int position, Acknowledgement acknowledgement) throws IOException {
    int[] acknowledged = {0};
    while (acknowledged[0] < window.size()) {
      receive(
          message -> {
            int index = message.sequence() - first;
            if (message.type() == NLMSG_ERROR && index >= 0 && index < window.size()) {
              acknowledged[0]++;
              acknowledgement.onAcknowledged(position + index, NetlinkError.of(message, window.get(index)));
            }
          });
    }
  }

  /**
   * Has requests to a subsystem of nfnetlink carried out all or none.
   *
   * @throws SystemCallException the first failure; nothing was done
   */
  public void transaction(String purpose, int subsystem, List<NetlinkRequest> requests) throws IOException {
    NetlinkRequest begin = frame(purpose, Nftables.NFNL_MSG_BATCH_BEGIN, subsystem);
    NetlinkRequest end = frame(purpose, Nftables.NFNL_MSG_BATCH_END, subsystem);
    int length = begin.length() + requests.stream().mapToInt(NetlinkRequest::length).sum() + end.length();
    int first = ++sequence;
    try (Memory memory = new Memory(length)) {
      ByteBuffer whole = memory.getByteBuffer(0, length).order(ByteOrder.nativeOrder());
      begin.writeTo(whole, 0, first);
      requests.forEach(request -> request.writeTo(whole, NetlinkRequest.NLM_F_ACK, ++sequence));
      end.writeTo(whole, 0, ++sequence);
      if (Libc.send(fd, Pointer.nativeValue(memory), whole.position(), 0) < 0) {
        throw new SystemCallException(purpose, Libc.errno());
      }
    }
    awaitTransaction(begin, first, requests);
  }

  /** {@code struct nfgenmsg}: family, version, and the subsystem in network order. */
  private static NetlinkRequest frame(String purpose, int type, int subsystem) {
    return new NetlinkRequest(purpose, type, 0).u8(Rtnetlink.AF_UNSPEC).u8(0).u8(subsystem >>> 8).u8(subsystem & 0xff);
  }

  /** What fails as a whole is answered in the name of the message that begins it, and by nothing else. */
  private void awaitTransaction(NetlinkRequest begin, int first, List<NetlinkRequest> requests) throws IOException {
    int[] left = {requests.size()};
    @Nullable SystemCallException[] failure = {null};
    while (left[0] > 0) {
      receive(
          message -> {
            int index = message.sequence() - first;
            if (message.type() != NLMSG_ERROR || index < 0 || index > requests.size()) {
              return;
            }
            left[0] = index == 0 ? 0 : left[0] - 1;
            if (failure[0] == null) {
              failure[0] = NetlinkError.of(message, index == 0 ? begin : requests.get(index - 1));
            }
          });
    }
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  /**
   * Reads a table of the kernel. A dump that the kernel says was disturbed by changes is begun again; on a host where
   * it always is, the last attempt has to do.
   *
   * @param reader is shown each message and hands on what it found in it
   */
  public <T> List<T> dump(NetlinkRequest request, BiConsumer<NetlinkMessage, Consumer<T>> reader)
      throws IOException {
    List<T> found = new ArrayList<>();
    boolean consistent = false;
    for (int attempt = 0; attempt < DUMP_ATTEMPTS && !consistent; attempt++) {
      found.clear();
      consistent = dumpOnce(request, message -> reader.accept(message, found::add));
    }
    return found;
  }

  private boolean dumpOnce(NetlinkRequest request, Consumer<NetlinkMessage> reader) throws IOException {
    int wanted = ++sequence;
    send(request, NetlinkRequest.NLM_F_DUMP, wanted);
    boolean[] done = {false};
    boolean[] interrupted = {false};
    @Nullable SystemCallException[] failure = {null};
    while (!done[0]) {
      receive(
          message -> {
            if (message.sequence() != wanted) {
              return;
            }
            interrupted[0] |= (message.flags() & NLM_F_DUMP_INTR) != 0;
            if (message.type() == NLMSG_ERROR || message.type() == NLMSG_DONE) {
              done[0] = true;
              failure[0] = NetlinkError.of(message, request);
            } else {
              reader.accept(message);
            }
          });
    }
    if (failure[0] != null) {
      throw failure[0];
    }
    return !interrupted[0];
  }

  /**
   * Reads one datagram of messages.
   *
   * @return false if a non-blocking socket has none
   */
  boolean receive(Consumer<NetlinkMessage> reader) throws IOException {
    long length = Libc.recv(fd, Pointer.nativeValue(receiveMemory), RECEIVE_LENGTH, MSG_TRUNC);
    if (length < 0) {
      return mayReceiveMore(Libc.errno());
    }
    if (length > RECEIVE_LENGTH) {
      throw new IOException("netlink message of " + length + " bytes was cut off");
    }
    received.clear().limit((int) length);
    while (received.hasRemaining()) {
      reader.accept(NetlinkMessage.next(received));
    }
    return true;
  }

  /**
   * Takes one datagram of messages off a non-blocking socket without looking into it.
   *
   * @return false if there is none
   * @throws SystemCallException with ENOBUFS, once, after the kernel had to drop messages
   */
  boolean discard() throws SystemCallException {
    // Without MSG_TRUNC, and with room for one byte, the kernel copies one byte and drops the rest.
    long length = Libc.recv(fd, Pointer.nativeValue(receiveMemory), 1, 0);
    return length >= 0 || mayReceiveMore(Libc.errno());
  }

  /** Returns false if a non-blocking socket is empty, and true if a signal interrupted the call. */
  private static boolean mayReceiveMore(int errno) throws SystemCallException {
    if (errno == Errno.EAGAIN.number()) {
      return false;
    }
    if (errno == Errno.EINTR.number()) {
      return true;
    }
    throw new SystemCallException("recv netlink", errno);
  }

  /** Sets how many bytes of messages wait before the kernel drops some; it keeps to a minimum of its own. */
  void receiveBuffer(int bytes) throws SystemCallException {
    toSend.clear();
    toSend.putInt(bytes);
    if (Libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, Pointer.nativeValue(sendMemory), Integer.BYTES) < 0) {
      throw new SystemCallException("setsockopt SO_RCVBUF", Libc.errno());
    }
  }

  private void send(NetlinkRequest request, int flags, int number) throws IOException {
    toSend.clear();
    request.writeTo(toSend, flags, number);
    sendBuffer(request.purpose());
  }

  private void sendBuffer(String purpose) throws IOException {
    if (Libc.send(fd, Pointer.nativeValue(sendMemory), toSend.position(), 0) < 0) {
      throw new SystemCallException(purpose, Libc.errno());
    }
  }

  private void bind(int groups) throws IOException {
    toSend.clear();
    toSend.putShort((short) AF_NETLINK).putShort((short) 0).putInt(0).putInt(groups);
    if (Libc.bind(fd, Pointer.nativeValue(sendMemory), SOCKADDR_NL_LENGTH) < 0) {
      throw new SystemCallException("bind AF_NETLINK", Libc.errno());
    }
  }

  private void enable(int option) throws IOException {
    toSend.clear();
    toSend.putInt(1);
    if (Libc.setsockopt(fd, SOL_NETLINK, option, Pointer.nativeValue(sendMemory), Integer.BYTES) < 0) {
      throw new SystemCallException("setsockopt SOL_NETLINK " + option, Libc.errno());
    }
  }

  /** Closes the socket; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libc.close(fd);
      sendMemory.close();
      receiveMemory.close();
    }
  }
}
