package dev.jwg.uapi;

import dev.jwg.linux.Errno;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One request and its reply, for a caller that waits, but not for ever. */
final class UapiExchange implements AutoCloseable {
  /** How long the other program may do nothing: it may be busy with 10,000 peers, or stopped. */
  private static final long PATIENCE_MS = 20_000;

  private final SocketChannel channel;
  private final Selector selector;

  private UapiExchange(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.selector = channel.provider().openSelector();
    channel.configureBlocking(false);
  }

  static UapiExchange connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new UapiExchange(channel);
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  void send(String request) throws IOException {
    ByteBuffer bytes = StandardCharsets.US_ASCII.encode(request);
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  /** Reads up to the empty line. */
  UapiReplyParser receive() throws IOException {
    UapiReplyParser reply = new UapiReplyParser();
    ByteArrayOutputStream line = new ByteArrayOutputStream(UapiConnection.MAX_LINE);
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    while (true) {
      read(bytes.clear());
      bytes.flip();
      while (bytes.hasRemaining()) {
        byte next = bytes.get();
        if (next != '\n') {
          append(line, next);
        } else if (line.size() == 0) {
          return reply;
        } else {
          reply.line(line.toString(StandardCharsets.US_ASCII));
          line.reset();
        }
      }
    }
  }

  private static void append(ByteArrayOutputStream line, byte next) throws UapiException {
    if (line.size() == UapiConnection.MAX_LINE) {
      throw new UapiException(Errno.EPROTO, "a line is too long");
    }
    line.write(next);
  }

  private void read(ByteBuffer into) throws IOException {
    int count;
    while ((count = channel.read(into)) == 0) {
      await(SelectionKey.OP_READ);
    }
    if (count < 0) {
      throw new IOException("the other program closed the connection");
    }
  }

  private void await(int operation) throws IOException {
    channel.register(selector, operation);
    if (selector.select(PATIENCE_MS) == 0) {
      throw new IOException("it was silent for " + PATIENCE_MS / 1000 + " s");
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
